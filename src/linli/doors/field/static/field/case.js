// A case in the hand: the step's form opens with the camera, and "#do" leads to it.
import { camera } from "./camera.js";

const here = document.getElementById("do");
camera(here, here.dataset.album);
