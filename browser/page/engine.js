// A picture through a network, tile by tile, on every core: what `srcnn.upscale` and `srcnn evaluate` do.

import { resizingTaps } from "./resize.js";

const TILE_PIXELS = { wasm: 256, webgpu: 1024 }; // a side of a tile of the enlarged picture
const MOST_WORKERS = 8;
const MIN_LOW_PIXELS = 3; // a side of a reduced ground truth: after shaving one pixel from each border, one remains

const LARGEST_RESULT_PIXELS = 40_000_000;

/** A sentence for the visitor: `key` names it in texts.js, `values` stand in it. */
export class PictureError extends Error {
  constructor(key, values = {}) {
    super(key);
    Object.assign(this, { key, values });
  }
}

/** One of several threads; `ask` gives a promise of its answer. */
class Thread {
  constructor() {
    this.worker = new Worker("worker.js", { type: "module" });
    this.waiting = new Map();
    this.next = 0;
    this.worker.onmessage = ({ data: { id, answer, error } }) => {
      const { resolve, reject } = this.waiting.get(id);
      this.waiting.delete(id);
      if (error) reject(new Error(error));
      else resolve(answer);
    };
  }

  ask(task, message = {}) {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, task, ...message });
    });
  }
}

export class Engine {
  /**
   * Start on a graphics card where the browser offers one, else on the processor's cores, and load a first network.
   *
   * halo: of the networks. wish: "webgpu" or "wasm", to use this and no other. Software that acts as a graphics card is
   * slower than the cores, so it is used on wish only.
   */
  static async start(halo, variant, wish) {
    const engine = new Engine(halo);
    const adapter = wish === "wasm" ? null : await navigator.gpu?.requestAdapter().catch(() => null);
    if (wish === "webgpu" || (adapter && !adapter.info.isFallbackAdapter)) {
      try {
        await engine.use("webgpu", 1, variant);
        return engine;
      } catch (error) {
        if (wish) throw error;
        console.warn(`WebGPU cannot be used: ${error.message}`);
      }
    }
    await engine.use("wasm", Math.max(1, Math.min(MOST_WORKERS, navigator.hardwareConcurrency ?? 1)), variant);
    return engine;
  }

  constructor(halo) {
    this.halo = halo;
    this.threads = [];
  }

  async use(backend, count, variant) {
    this.backend = backend;
    for (const thread of this.threads) thread.worker.terminate();
    this.threads = Array.from({ length: count }, () => new Thread());
    await Promise.all(this.threads.map((thread) => thread.ask("start", { backend })));
    await this.load(variant);
  }

  /** Load a network in every thread. */
  load(variant) {
    return Promise.all(this.threads.map((thread) => thread.ask("load", { variant })));
  }

  /**
   * Enlarge a picture, or take it as ground truth, reduce it and restore it.
   *
   * picture: {rgba, width, height, grey}. begin(width, height): the size of the result, before the first tile.
   * paint(tile, before, after, done): RGBA bytes of bicubic's and the network's, and which share is done. wanted():
   * false once nobody waits for it any more. Gives the PSNR of both where there is a ground truth, null where nobody
   * waits. Raises PictureError for a picture that is too small or too large.
   */
  async run(picture, { variant, scale, isTruth }, { begin, paint, wanted }) {
    const small = isTruth ? await this.degrade(picture, scale) : await this.prepare(picture, scale);
    if (!wanted()) return null;
    const [width, height] = [small.width * scale, small.height * scale];
    begin(width, height);
    const tiles = tilesOf(width, height, TILE_PIXELS[this.backend]);
    const score = isTruth ? new Score(small.truth, width, height, scale) : null;
    const waiting = [...tiles];
    const work = async (thread) => {
      for (let tile; wanted() && (tile = waiting.shift()); ) {
        const around = widen(tile, this.halo, width, height);
        const planes = partOf(small, around, scale);
        const { width: smallWidth, height: smallHeight } = small;
        const where = { tile, around, planes, width: smallWidth, height: smallHeight };
        const answer = await thread.ask("enlarge", { variant, scale, isTruth, grey: picture.grey, ...where });
        if (!wanted()) return;
        score?.add(tile, answer.luma);
        paint(tile, answer.before, answer.after, 1 - waiting.length / tiles.length);
      }
    };
    await Promise.all(this.threads.map(work));
    if (!wanted()) return null;
    return score ? { before: score.psnr("before"), after: score.psnr("after") } : {};
  }

  async prepare({ rgba, width, height }, scale) {
    if (width * height * scale ** 2 > LARGEST_RESULT_PIXELS) {
      throw new PictureError("tooLarge", { limit: LARGEST_RESULT_PIXELS / 1e6 });
    }
    return { ...(await this.threads[0].ask("prepare", { rgba })), width, height };
  }

  async degrade(picture, scale) {
    const [width, height] = [picture.width, picture.height].map((side) => side - (side % scale));
    if (width * height > LARGEST_RESULT_PIXELS) {
      throw new PictureError("tooLarge", { limit: LARGEST_RESULT_PIXELS / 1e6 });
    }
    if (Math.min(picture.width, picture.height) < MIN_LOW_PIXELS * scale) {
      throw new PictureError("tooSmall", { least: MIN_LOW_PIXELS * scale });
    }
    const rgba = cropRgba(picture, width, height);
    const planes = await this.threads[0].ask("degrade", { rgba, width, height, scale, grey: picture.grey });
    return { ...planes, width: width / scale, height: height / scale };
  }
}

/** The squared errors of two results, without the `scale` pixels at each border that papers leave out. */
class Score {
  constructor(truth, width, height, border) {
    Object.assign(this, { truth, width, height, border, before: 0, after: 0 });
  }

  add(tile, luma) {
    for (const result of ["before", "after"]) this[result] += this.squaredError(tile, luma[result]);
  }

  squaredError({ left, top, right, bottom }, levels) {
    const { truth, width, height, border } = this;
    let sum = 0;
    for (let y = Math.max(top, border); y < Math.min(bottom, height - border); y++) {
      for (let x = Math.max(left, border); x < Math.min(right, width - border); x++) {
        sum += (levels[(y - top) * (right - left) + x - left] - truth[y * width + x]) ** 2;
      }
    }
    return sum;
  }

  psnr(result) {
    const pixels = (this.width - 2 * this.border) * (this.height - 2 * this.border);
    return 10 * Math.log10(255 ** 2 / (this[result] / pixels));
  }
}

function tilesOf(width, height, side) {
  const tiles = [];
  for (let top = 0; top < height; top += side) {
    for (let left = 0; left < width; left += side) {
      tiles.push({ left, top, right: Math.min(left + side, width), bottom: Math.min(top + side, height) });
    }
  }
  return tiles;
}

/** A tile with the pixels around it that the network sees, so far as the picture goes on there. */
const widen = (tile, halo, width, height) => ({
  left: Math.max(tile.left - halo, 0),
  top: Math.max(tile.top - halo, 0),
  right: Math.min(tile.right + halo, width),
  bottom: Math.min(tile.bottom + halo, height),
});

/** Of the small planes, what bicubic needs for a rectangle of the enlarged picture. */
function partOf({ y, cb, cr, width, height }, { left, top, right, bottom }, scale) {
  const [down, along] = [resizingTaps(height, scale, top, bottom), resizingTaps(width, scale, left, right)];
  const cut = (plane) => {
    const part = new Float32Array((down.high - down.low) * (along.high - along.low));
    for (let row = down.low; row < down.high; row++) {
      const [start, end] = [row * width + along.low, row * width + along.high];
      part.set(plane.subarray(start, end), (row - down.low) * (along.high - along.low));
    }
    return part;
  };
  return { y: cut(y), cb: cut(cb), cr: cut(cr) };
}

function cropRgba({ rgba, width }, newWidth, newHeight) {
  const part = new Uint8ClampedArray(4 * newWidth * newHeight);
  for (let y = 0; y < newHeight; y++) part.set(rgba.subarray(4 * y * width, 4 * (y * width + newWidth)), 4 * y * newWidth);
  return part;
}
