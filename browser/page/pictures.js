// A file of the visitor's as pixels.

import { PictureError } from "./engine.js";

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47];
const PNG_COLOUR_TYPE_AT = 25; // of the header, the first block of each file
const JPEG_FRAMES = [0xc0, 0xc1, 0xc2]; // headers of a picture: baseline, extended, progressive

/**
 * A picture file -> {rgba, width, height, grey, wasTransparent}: upright, in sRGB, laid on white.
 *
 * grey: whether the file has one channel only. Raises PictureError for what the browser cannot read.
 */
export async function readPicture(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image", colorSpaceConversion: "default" });
  } catch {
    throw new PictureError("unreadable");
  }
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const wasTransparent = isTransparent(context.getImageData(0, 0, width, height).data);
  if (wasTransparent) {
    context.globalCompositeOperation = "destination-over";
    context.fillStyle = "white";
    context.fillRect(0, 0, width, height);
  }
  const rgba = context.getImageData(0, 0, width, height).data;
  return { rgba, width, height, wasTransparent, grey: isGreyFile(new Uint8Array(await file.arrayBuffer())) };
}

function isTransparent(rgba) {
  for (let at = 3; at < rgba.length; at += 4) if (rgba[at] < 255) return true;
  return false;
}

/** Whether a PNG or JPEG file has one channel of colour. */
function isGreyFile(bytes) {
  if (PNG_SIGNATURE.every((byte, at) => bytes[at] === byte)) return [0, 4].includes(bytes[PNG_COLOUR_TYPE_AT]);
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return false;
  // JPEG: segments of FF, kind, two bytes of length; the frame's has its number of components at the tenth byte
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff; at += 2 + bytes[at + 2] * 256 + bytes[at + 3]) {
    if (JPEG_FRAMES.includes(bytes[at + 1])) return bytes[at + 9] === 1;
  }
  return false;
}
