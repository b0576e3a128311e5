// What the visitor sees and does.

import { Engine, PictureError } from "./engine.js";
import { readPicture } from "./pictures.js";
import { text, translatePage } from "./texts.js";

const at = (id) => document.getElementById(id);
const FIRST_SCALE = 3;

const page = {
  picture: null, // as readPicture gives it, and its `name`
  run: 0, // counts the computations: an older one is given up
};

async function startPage() {
  translatePage();
  at("cut").ariaLabel = text("cut");
  at("status").textContent = text("starting");
  const catalogue = await (await fetch("catalogue.json")).json();
  buildChoices(catalogue);
  listen();
  const wish = new URLSearchParams(location.search).get("backend"); // for trying out: ?backend=wasm, ?backend=webgpu
  const example = chooseExample(catalogue.examples[0]);
  page.engine = await Engine.start(catalogue.halo, readSettings().variant, wish);
  await example;
  await compute();
  keepOffline(page.engine.backend);
}

function buildChoices({ scales, losses, examples }) {
  for (const name of examples) {
    const button = element("button", { type: "button", title: name, value: name });
    button.append(element("img", { src: `examples/${name}.png`, alt: name, loading: "lazy" }));
    button.addEventListener("click", () => attempt(() => chooseExample(name).then(compute)));
    at("examples").append(button);
  }
  for (const scale of scales) {
    const input = element("input", { type: "radio", name: "scale", value: scale, checked: scale === FIRST_SCALE });
    const label = element("label", {});
    label.append(input, element("span", { textContent: `x${scale}` }));
    at("scales").append(label);
  }
  for (const [value, title] of Object.entries(losses)) at("loss").append(element("option", { value, textContent: title }));
}

const element = (name, properties) => Object.assign(document.createElement(name), properties);

function listen() {
  at("settings").addEventListener("submit", (event) => event.preventDefault());
  at("file").addEventListener("change", (event) => event.target.files[0] && attempt(() => open(event.target.files[0])));
  for (const name of ["dragover", "drop"]) {
    document.addEventListener(name, (event) => {
      event.preventDefault();
      document.body.classList.toggle("dropping", name === "dragover");
      if (event.dataTransfer?.files[0] && name === "drop") attempt(() => open(event.dataTransfer.files[0]));
    });
  }
  document.addEventListener("dragleave", () => document.body.classList.remove("dropping"));
  at("settings").addEventListener("change", (event) => event.target.id !== "file" && attempt(compute));
  at("cut").addEventListener("input", () => at("slider").style.setProperty("--cut", `${at("cut").value}%`));
  at("actual").addEventListener("change", () => at("view").classList.toggle("actual", at("actual").checked));
}

async function chooseExample(name) {
  const answer = await fetch(`examples/${name}.png`);
  await choosePicture(await answer.blob(), name);
  for (const button of at("examples").children) button.ariaPressed = String(button.value === name);
}

async function open(file) {
  await choosePicture(file, file.name.replace(/\.[^.]*$/, ""));
  for (const button of at("examples").children) button.ariaPressed = "false";
  await compute();
}

async function choosePicture(file, name) {
  page.picture = { ...(await readPicture(file)), name };
}

function readSettings() {
  const chosen = new FormData(at("settings"));
  const scale = Number(chosen.get("scale"));
  return { scale, isTruth: chosen.get("mode") === "truth", variant: `srcnn-x${scale}-${at("loss").value}` };
}

/** Compute what is chosen, and show it tile by tile. */
async function compute() {
  if (!page.engine || !page.picture) return;
  const run = ++page.run;
  const wanted = () => run === page.run;
  const begin = performance.now();
  const { picture, engine } = page;
  const settings = readSettings();
  showBusy();
  await engine.load(settings.variant);
  if (!wanted()) return;
  const contexts = ["before", "after"].map((id) => at(id).getContext("2d"));
  const score = await engine.run(picture, settings, {
    wanted,
    begin(width, height) {
      for (const id of ["before", "after"]) Object.assign(at(id), { width, height });
      at("slider").style.setProperty("--ratio", width / height);
      at("slider").style.setProperty("--width", `${width / devicePixelRatio}px`);
    },
    paint(tile, before, after, done) {
      const width = tile.right - tile.left;
      for (const [index, rgba] of [before, after].entries()) {
        contexts[index].putImageData(new ImageData(rgba, width), tile.left, tile.top);
      }
      at("progress").value = done;
    },
  });
  if (!wanted()) return;
  await showResult(score, (performance.now() - begin) / 1000, `${picture.name}-x${settings.scale}.png`);
}

function showBusy() {
  at("error").hidden = true;
  at("result").ariaBusy = "true";
  at("status").textContent = text("working");
  at("progress").value = 0;
  at("download").removeAttribute("href");
}

async function showResult(score, seconds, fileName) {
  const { backend, threads } = page.engine;
  const where = text(backend === "webgpu" ? "onCard" : "onCores", { count: threads.length });
  const { width, height } = at("after");
  at("status").textContent = text("done", { width, height, seconds: seconds.toFixed(1), where });
  at("result").dataset.seconds = seconds;
  at("progress").value = 1;
  at("note").textContent = page.picture.wasTransparent ? text("wasTransparent") : "";
  at("scores").hidden = !("before" in score);
  if ("before" in score) {
    at("psnr-before").textContent = score.before.toFixed(2);
    at("psnr-after").textContent = score.after.toFixed(2);
    const gain = score.after - score.before;
    at("psnr-gain").textContent = `${gain < 0 ? "−" : "+"}${Math.abs(gain).toFixed(2)}`;
  }
  at("result").ariaBusy = "false";
  const run = page.run;
  const file = await new Promise((resolve) => at("after").toBlob(resolve, "image/png"));
  if (run !== page.run) return;
  URL.revokeObjectURL(page.address);
  page.address = URL.createObjectURL(file);
  Object.assign(at("download"), { href: page.address, download: fileName });
}

/** Do what may fail, and tell the visitor where it did. */
async function attempt(action) {
  try {
    await action();
  } catch (error) {
    page.run++; // nothing that still computes may overwrite the sentence
    at("error").textContent =
      error instanceof PictureError ? text(error.key, error.values) : text("failed", { reason: error.message });
    at("error").hidden = false;
    at("status").textContent = "";
    at("result").ariaBusy = "false";
  }
}

/** Keep a copy of the page for use without a network, once it has done its first work. */
async function keepOffline(backend) {
  if (!navigator.serviceWorker) return; // a browser without, or a page that came by plain http
  navigator.serviceWorker.addEventListener("message", ({ data }) => {
    at("offline").hidden = !data.offline;
  });
  await navigator.serviceWorker.register("offline.js");
  (await navigator.serviceWorker.ready).active.postMessage({ backend });
}

attempt(startPage);
