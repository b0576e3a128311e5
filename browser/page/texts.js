// Every text of the page, in English and Chinese. The page is in the language that the browser asks for.

const TEXTS = {
  title: ["SRCNN in your browser", "浏览器中的 SRCNN"],
  intro: [
    "The three-layer network that started deep super-resolution enlarges your picture on your own machine.",
    "开创深度超分辨率的三层网络，在您自己的设备上放大图片。",
  ],
  choose: ["Choose a picture", "选择图片"],
  orDrop: ["or drop one here", "或拖放到此处"],
  examples: ["Examples", "示例"],
  what: ["What to do with it", "用途"],
  measure: ["Reduce, restore and measure", "缩小、恢复并测量"],
  enlarge: ["Enlarge", "放大"],
  scale: ["Scale", "倍数"],
  loss: ["Training loss", "训练损失"],
  bicubic: ["Bicubic", "双三次"],
  gain: ["Gain", "提升"],
  psnr: ["PSNR of the luminance, dB", "亮度 PSNR（dB）"],
  actual: ["Actual pixels", "实际像素"],
  download: ["Download the result (PNG)", "下载结果（PNG）"],
  cut: ["How much of the bicubic picture is shown", "双三次图片显示的比例"],
  private: ["No picture leaves your machine.", "图片不会离开您的设备。"],
  offline: ["The page works without a network now.", "此页面现在可以离线使用。"],
  starting: ["Loading the network …", "正在加载网络……"],
  working: ["Computing …", "正在计算……"],
  done: [
    "{width} x {height} pixels in {seconds} s, by {where}",
    "{width} x {height} 像素，用时 {seconds} 秒，使用 {where}",
  ],
  onCard: ["the graphics card (WebGPU)", "显卡（WebGPU）"],
  onCores: ["{count} processor cores (WebAssembly)", "{count} 个处理器核心（WebAssembly）"],
  wasTransparent: ["Its transparent parts were laid on white.", "透明部分已置于白色背景上。"],
  unreadable: [
    "This browser cannot read the file as a picture; choose a PNG, JPEG, WebP, GIF or BMP.",
    "此浏览器无法将该文件读取为图片；请选择 PNG、JPEG、WebP、GIF 或 BMP。",
  ],
  tooSmall: [
    "The picture is too small to be reduced: each side needs at least {least} pixels.",
    "图片太小，无法缩小：每边至少需要 {least} 像素。",
  ],
  tooLarge: [
    "The result would have more than {limit} million pixels; choose a smaller picture or scale.",
    "结果将超过 {limit} 百万像素；请选择更小的图片或倍数。",
  ],
  failed: ["Something went wrong: {reason}; load the page again.", "出现错误：{reason}；请重新加载页面。"],
};

const isChinese = navigator.language.toLowerCase().startsWith("zh");

/** A text in the visitor's language, with values for the names in braces. */
export function text(key, values = {}) {
  return TEXTS[key][isChinese ? 1 : 0].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Put the texts into the elements that name them. */
export function translatePage() {
  document.documentElement.lang = isChinese ? "zh" : "en";
  document.title = text("title");
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
}
