// Passkeys: forms marked data-passkey ask the device, put its answer into the hidden field and are sent.
//   data-passkey="login"   options are fetched from the form's own address (nobody is known yet)
//   data-passkey="get"     confirm with one of my passkeys; options stand in the JSON named by data-passkey-options
//   data-passkey="create"  add a passkey; with the "passwordless" box ticked one that works alone

const words = document.getElementById("passkey-words")?.dataset ?? {};

const toBytes = (text) => {
  const plain = text.replace(/-/g, "+").replace(/_/g, "/");
  return Uint8Array.from(atob(plain), (mark) => mark.charCodeAt(0));
};
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const withBytes = (list) => (list ?? []).map((entry) => ({ ...entry, id: toBytes(entry.id) }));

function asked(options) {
  const key = { ...options.publicKey, challenge: toBytes(options.publicKey.challenge) };
  if (key.user) key.user = { ...key.user, id: toBytes(key.user.id) };
  if (key.allowCredentials) key.allowCredentials = withBytes(key.allowCredentials);
  if (key.excludeCredentials) key.excludeCredentials = withBytes(key.excludeCredentials);
  return { ...options, publicKey: key };
}

function answered(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? null,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  };
}

async function optionsFor(form) {
  if (form.dataset.passkey !== "login") {
    const data = JSON.parse(document.getElementById(form.dataset.passkeyOptions).textContent);
    return data.creation_options ?? data.request_options;
  }
  const response = await fetch(form.action, { headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" } });
  if (!response.ok) throw new TypeError("offline");
  return (await response.json()).request_options;
}

async function ask(form) {
  const options = asked(await optionsFor(form));
  if (form.dataset.passkey !== "create") return navigator.credentials.get(options);
  const alone = form.elements.passwordless?.checked ?? false;
  const selection = options.publicKey.authenticatorSelection ?? {};
  options.publicKey.authenticatorSelection = {
    ...selection,
    residentKey: alone ? "required" : "discouraged",
    requireResidentKey: alone,
    userVerification: alone ? "required" : selection.userVerification ?? "preferred",
  };
  return navigator.credentials.create(options);
}

const byNumber = /^[\d.]+$|^\[/.test(location.hostname);
const missing = !window.isSecureContext || byNumber ? words.insecure : window.PublicKeyCredential ? "" : words.unsupported;

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const say = form.querySelector("[data-passkey-words]");
  if (missing) {
    // Where a passkey cannot work the way in stays hidden; a page that is only about passkeys says why.
    if (say) say.textContent = missing;
    form.querySelector("button[type=submit]").disabled = true;
    continue;
  }
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (say) say.textContent = "";
    try {
      form.elements.credential.value = JSON.stringify(answered(await ask(form)));
      form.submit();
    } catch (error) {
      if (say) say.textContent = error instanceof TypeError ? words.offline : words.cancelled;
    }
  });
}
