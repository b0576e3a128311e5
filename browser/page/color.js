// RGB and YCbCr as in MATLAB's `rgb2ycbcr` (ITU-R BT.601, studio swing), as in `srcnn/imaging/color.py`.

// the inverse of the matrix that `toPlanes` multiplies by
const LIGHT_OF_Y = 255 / 219;
const RED_OF_CR = 1.596026887;
const GREEN_OF_CB = -0.39176254;
const GREEN_OF_CR = -0.812968292;
const BLUE_OF_CB = 2.01723264;

/** A grey level -> the luminance of the same grey in RGB, and back. */
export const greyToLuminance = (level) => 16 + level / LIGHT_OF_Y;
export const luminanceToGrey = (y) => LIGHT_OF_Y * (y - 16);

/** Levels rounded half up and clipped, as MATLAB's `uint8()` does it. */
export function toLevels(plane) {
  const levels = new Uint8ClampedArray(plane.length);
  for (let at = 0; at < plane.length; at++) levels[at] = Math.floor(plane[at] + 0.5);
  return levels;
}

export const luminanceOf = (r, g, b) => 16 + (65.481 * r + 128.553 * g + 24.966 * b) / 255;

/** RGBA bytes -> {y, cb, cr}: a Float32Array each, 0..255. */
export function toPlanes(rgba) {
  const pixels = rgba.length / 4;
  const [y, cb, cr] = [new Float32Array(pixels), new Float32Array(pixels), new Float32Array(pixels)];
  for (let pixel = 0, at = 0; pixel < pixels; pixel++, at += 4) {
    const r = rgba[at];
    const g = rgba[at + 1];
    const b = rgba[at + 2];
    y[pixel] = luminanceOf(r, g, b);
    cb[pixel] = 128 + (-37.797 * r - 74.203 * g + 112 * b) / 255;
    cr[pixel] = 128 + (112 * r - 93.786 * g - 18.214 * b) / 255;
  }
  return { y, cb, cr };
}

/** Rounded levels -> RGBA bytes, grey and opaque. */
export function greyToRgba(levels) {
  const rgba = new Uint8ClampedArray(4 * levels.length).fill(255);
  for (let pixel = 0, at = 0; pixel < levels.length; pixel++, at += 4) rgba.fill(levels[pixel], at, at + 3);
  return rgba;
}

/** Planes of levels -> RGBA bytes, opaque. */
export function toRgba(y, cb, cr) {
  const rgba = new Uint8ClampedArray(4 * y.length);
  for (let pixel = 0, at = 0; pixel < y.length; pixel++, at += 4) {
    const light = luminanceToGrey(y[pixel]);
    const blue = cb[pixel] - 128;
    const red = cr[pixel] - 128;
    rgba[at] = Math.floor(light + RED_OF_CR * red + 0.5); // what is stored is clipped by the kind of the array
    rgba[at + 1] = Math.floor(light + GREEN_OF_CB * blue + GREEN_OF_CR * red + 0.5);
    rgba[at + 2] = Math.floor(light + BLUE_OF_CB * blue + 0.5);
    rgba[at + 3] = 255;
  }
  return rgba;
}
