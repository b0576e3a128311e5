// What computes: reduces and enlarges planes, and sends luminance through the network. The page has one for each core.

import { greyToLuminance, greyToRgba, luminanceToGrey, toLevels, toPlanes, toRgba } from "./color.js";
import { resizePlane, resizingTaps } from "./resize.js";

let runtime; // onnxruntime-web
let backend;
const sessions = new Map(); // by the name of the variant

const tasks = {
  /** Load the runtime: "webgpu", which asks for a graphics card, or "wasm". */
  async start({ backend: wanted }) {
    backend = wanted;
    runtime = await import(`./runtime/ort.${backend}.bundle.min.mjs`);
    runtime.env.wasm.numThreads = 1; // each worker is a thread, and no host has to send headers for shared memory
  },

  /** Load a network, so that the first picture does not wait for it. */
  async load({ variant }) {
    await session(variant);
  },

  /** RGBA bytes -> the planes that are to be enlarged. */
  prepare({ rgba }) {
    return toPlanes(rgba);
  },

  /**
   * RGBA bytes of a ground truth, whose sides are multiples of the scale -> its rounded luminance, and the planes that
   * remain of it when it is reduced. The luminance of a grey picture is its levels, as in the papers.
   */
  degrade({ rgba, width, height, scale, grey }) {
    const down = resizingTaps(height, 1 / scale);
    const along = resizingTaps(width, 1 / scale);
    const { y: luminance, cb, cr } = toPlanes(rgba);
    const truth = grey ? rgba.filter((_, at) => at % 4 === 0) : toLevels(luminance);
    const [y, blue, red] = [truth, cb, cr].map((plane) => resizePlane(plane, down, along));
    return { y, cb: blue, cr: red, truth };
  },

  /**
   * Enlarge one tile, by bicubic and by the network.
   *
   * planes: {y, cb, cr} of the part that the tile needs, as `partOf` cuts it. tile: {left, top, right, bottom} of the
   * enlarged picture. around: the same with its halo. Gives RGBA bytes of both and, of a ground truth, their rounded
   * luminance.
   */
  async enlarge({ variant, planes, width, height, scale, tile, around, isTruth, grey }) {
    const [down, along] = [
      resizingTaps(height, scale, around.top, around.bottom),
      resizingTaps(width, scale, around.left, around.right),
    ];
    const levels = isTruth && grey; // papers measure a grey picture's levels, but the network takes luminance
    const bicubic = resizePlane(planes.y, down, along);
    const input = levels ? bicubic.map(greyToLuminance) : bicubic;
    const restored = await restore(variant, input, along.count, down.count);
    const output = levels ? restored.map(luminanceToGrey) : restored;
    const inside = (plane) => cut(plane, along.count, shift(tile, around));
    const [before, after] = [inside(bicubic), inside(output)];
    const luma = isTruth ? { before: toLevels(before), after: toLevels(after) } : null;
    if (levels) return { before: greyToRgba(luma.before), after: greyToRgba(luma.after), luma };
    const [cb, cr] = [planes.cb, planes.cr].map((plane) => inside(resizePlane(plane, down, along)));
    return { before: toRgba(before, cb, cr), after: toRgba(after, cb, cr), luma };
  },
};

/** Luminance in grey levels, already enlarged, through the network: width x height -> the same. */
async function restore(variant, luminance, width, height) {
  const scaled = new Float32Array(luminance.length);
  for (let at = 0; at < scaled.length; at++) scaled[at] = luminance[at] / 255;
  const input = new runtime.Tensor("float32", scaled, [1, 1, height, width]);
  const { output } = await (await session(variant)).run({ input });
  const result = output.data;
  for (let at = 0; at < result.length; at++) result[at] *= 255;
  return result;
}

function session(variant) {
  if (!sessions.has(variant)) {
    const options = { executionProviders: [backend] };
    sessions.set(variant, runtime.InferenceSession.create(`models/${variant}.onnx`, options));
  }
  return sessions.get(variant);
}

const shift = (tile, around) => ({
  left: tile.left - around.left,
  top: tile.top - around.top,
  right: tile.right - around.left,
  bottom: tile.bottom - around.top,
});

/** A rectangle of a plane of the given width. */
function cut(plane, width, { left, top, right, bottom }) {
  const part = new Float32Array((right - left) * (bottom - top));
  for (let y = top; y < bottom; y++) {
    part.set(plane.subarray(y * width + left, y * width + right), (y - top) * (right - left));
  }
  return part;
}

self.onmessage = async ({ data: { id, task, ...message } }) => {
  try {
    const answer = await tasks[task](message);
    self.postMessage({ id, answer }, buffersIn(answer));
  } catch (error) {
    self.postMessage({ id, error: String(error?.message ?? error) });
  }
};

/** Of an answer's arrays, which are handed over rather than copied. */
const buffersIn = (value) =>
  ArrayBuffer.isView(value) ? [value.buffer] : value && typeof value === "object" ? Object.values(value).flatMap(buffersIn) : [];
