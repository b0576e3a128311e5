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
  const result = sumShifted(output.data, output.dims[1], width, height);
  for (let at = 0; at < result.length; at++) result[at] *= 255;
  return result;
}

/**
 * The maps of a last layer, one for each place of its kernel, each moved by that place and added up: `split_last_sum` in
 * make_data.py. Beyond the border, the edge is repeated. A single map is what it is.
 */
function sumShifted(maps, count, width, height) {
  if (count === 1) return maps;
  const side = Math.sqrt(count);
  const reach = (side - 1) / 2;
  const result = new Float32Array(width * height);
  const clip = (at, size) => Math.min(Math.max(at, 0), size - 1);
  for (let map = 0; map < count; map++) {
    const [down, right] = [Math.floor(map / side) - reach, (map % side) - reach];
    const first = Math.min(Math.max(-right, 0), width); // from here to `last`, the place lies inside of the row
    const last = Math.max(Math.min(width - right, width), first);
    for (let y = 0; y < height; y++) {
      const from = (map * height + clip(y + down, height)) * width;
      const to = y * width;
      for (let x = 0; x < first; x++) result[to + x] += maps[from + clip(x + right, width)];
      for (let x = first; x < last; x++) result[to + x] += maps[from + x + right];
      for (let x = last; x < width; x++) result[to + x] += maps[from + clip(x + right, width)];
    }
  }
  return result;
}

function session(variant) {
  if (!sessions.has(variant)) {
    const options = { executionProviders: [backend] };
    sessions.set(variant, runtime.InferenceSession.create(`models/${backend}/${variant}.onnx`, options));
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
