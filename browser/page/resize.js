// MATLAB's bicubic: the weights of `srcnn/imaging/imresize.py`, for any part of a side.

const KEYS_A = -0.5; // R. Keys, "Cubic convolution interpolation for digital image processing", 1981, eq. 15

function cubicKernel(distance) {
  const d = Math.abs(distance);
  if (d <= 1) return (KEYS_A + 2) * d ** 3 - (KEYS_A + 3) * d ** 2 + 1;
  return d < 2 ? KEYS_A * (d ** 3 - 5 * d ** 2 + 8 * d - 4) : 0;
}

/** Length of a side of `size` pixels after resizing. */
export const resizedLength = (size, scale) => Math.ceil(size * scale - 1e-9);

/**
 * Which pixels of a side make the outputs from `first` to before `last`, and how much each counts.
 *
 * Borders are mirrored with the edge pixel repeated. Gives {count, taps, index, weight, low, high}: for each of `count`
 * outputs `taps` places and weights; the places lie from `low` to before `high`.
 */
export function resizingTaps(size, scale, first = 0, last = resizedLength(size, scale)) {
  const shrink = Math.min(scale, 1); // antialiasing: the kernel is stretched where the picture shrinks
  const width = 4 / shrink;
  const taps = Math.ceil(width) + 2;
  const count = last - first;
  const index = new Int32Array(count * taps);
  const weight = new Float64Array(count * taps);
  let [low, high] = [size, 0];
  for (let output = 0; output < count; output++) {
    const centre = (first + output + 1) / scale + 0.5 * (1 - 1 / scale);
    const begin = Math.floor(centre - width / 2);
    const start = output * taps;
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) sum += weight[start + tap] = shrink * cubicKernel(shrink * (centre - begin - tap));
    for (let tap = 0; tap < taps; tap++) {
      weight[start + tap] /= sum;
      let place = (((begin + tap - 1) % (2 * size)) + 2 * size) % (2 * size);
      if (place >= size) place = 2 * size - 1 - place;
      index[start + tap] = place;
      if (weight[start + tap] !== 0) [low, high] = [Math.min(low, place), Math.max(high, place + 1)];
    }
  }
  return { count, taps, index, weight, low, high };
}

/**
 * Resize a plane: along its columns, then along its rows, as MATLAB does it.
 *
 * plane: numbers, row after row, of which the first lies at row `down.low`, column `along.low` of the whole plane, and
 * each row has `along.high - along.low`. Gives a Float32Array of down.count x along.count.
 */
export function resizePlane(plane, down, along) {
  const width = along.high - along.low;
  const result = new Float32Array(down.count * along.count);
  const row = new Float64Array(width);
  for (let y = 0; y < down.count; y++) {
    row.fill(0);
    for (let tap = y * down.taps; tap < (y + 1) * down.taps; tap++) {
      const weight = down.weight[tap];
      if (weight === 0) continue;
      const start = (down.index[tap] - down.low) * width;
      for (let x = 0; x < width; x++) row[x] += weight * plane[start + x];
    }
    let tap = 0;
    for (let x = 0; x < along.count; x++) {
      let sum = 0;
      for (const end = tap + along.taps; tap < end; tap++) {
        if (along.weight[tap] !== 0) sum += along.weight[tap] * row[along.index[tap] - along.low];
      }
      result[y * along.count + x] = sum;
    }
  }
  return result;
}
