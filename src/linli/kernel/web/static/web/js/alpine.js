// Alpine's CSP build, started once the page's own modules have registered their components.
//   import Alpine from "../../web/js/alpine.js";  Alpine.data("thing", () => ({ … }));
import Alpine from "../../vendor/alpine/alpine-csp.esm.min.js";

const start = () => {
  if (!window.Alpine) {
    window.Alpine = Alpine;
    Alpine.start();
  }
};
if (document.readyState === "complete") start();
else window.addEventListener("load", start, { once: true });

export default Alpine;
