// Files that a visitor gives. The server opens each and says what is wrong with it in the visitor's language; Gradio
// would refuse, in English, a picture whose name has no suffix. So each file is given to Gradio as a picture.
(() => {
  const isPicture = file => file.type.startsWith("image/");
  const asPicture = file => isPicture(file) ? file : new File([file], file.name, {type: "image/unknown"});

  function give(input, files) {
    const given = new DataTransfer();
    files.forEach(file => given.items.add(asPicture(file)));
    input.files = given.files;
  }

  // While the event is captured, before Gradio hears of it.
  document.addEventListener("change", ({target}) => {
    if (target.type === "file" && ![...target.files].every(isPicture)) give(target, [...target.files]);
  }, true);

  document.addEventListener("drop", event => {
    const files = [...event.dataTransfer?.files ?? []];
    const input = event.target.closest(".block")?.querySelector("input[type=file]");
    if (!input || files.every(isPicture)) return;
    event.preventDefault();
    event.stopPropagation();
    event.target.dispatchEvent(new DragEvent("dragleave", {bubbles: true})); // Gradio marks what files are above
    give(input, input.multiple ? files : files.slice(0, 1));
    input.dispatchEvent(new Event("change", {bubbles: true}));
  }, true);
})();
