// A rectangle that is dragged over a picture in the viewer becomes the call that makes a needle of it.
(() => {
  const viewer = document.querySelector("dialog.viewer"), stage = viewer.querySelector(".stage");
  const call = viewer.querySelector("output");
  // A shorter drag is a click.
  const LEAST = 4;
  let drag = null;
  const quote = (word) => (/^[\w./@+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
  const pixel = (event, image) => {
    const box = image.getBoundingClientRect();
    const on = (at, begin, size, pixels) => Math.round(Math.min(Math.max((at - begin) / size, 0), 1) * pixels);
    return [
      on(event.clientX, box.left, box.width, image.naturalWidth),
      on(event.clientY, box.top, box.height, image.naturalHeight),
    ];
  };
  const area = ({ from, to }) => {
    const [left, top] = [Math.min(from[0], to[0]), Math.min(from[1], to[1])];
    return [left, top, Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1])];
  };
  const show = () => {
    const [x, y, width, height] = area(drag);
    const { image, mark } = drag;
    const percent = (part, whole) => `${(100 * part) / whole}%`;
    Object.assign(mark.style, {
      left: percent(x, image.naturalWidth), top: percent(y, image.naturalHeight),
      width: percent(width, image.naturalWidth), height: percent(height, image.naturalHeight),
    });
    // The path of the file, as it is on this computer or below the address of the report.
    const file = decodeURIComponent(new URL(image.src).pathname);
    call.textContent = `qa needle crop ${quote(file)} --area ${x},${y},${width},${height} --tag NAME --into needles`;
    call.hidden = false;
  };
  stage.addEventListener("pointerdown", (event) => {
    const shot = event.target.closest(".shot > a");
    if (!shot || event.button) return;
    event.preventDefault();
    stage.querySelectorAll(".mark-area").forEach((old) => old.remove());
    const image = shot.querySelector("img"), mark = document.createElement("span");
    mark.className = "mark-area";
    shot.append(mark);
    const from = pixel(event, image);
    drag = { image, mark, from, to: from, is_long: false };
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    if (!drag) return;
    drag.to = pixel(event, drag.image);
    const [, , width, height] = area(drag);
    drag.is_long ||= Math.max(width, height) >= LEAST;
    if (drag.is_long && width && height) show();
  });
  stage.addEventListener("pointerup", () => {
    if (drag && !drag.is_long) drag.mark.remove();
    drag = null;
  });
  stage.addEventListener("dragstart", (event) => event.preventDefault());
  // The picture is a link, which a drag must not follow.
  stage.addEventListener("click", (event) => stage.querySelector(".mark-area") && event.preventDefault());
  viewer.addEventListener("keydown", () => (call.hidden = true));
  viewer.addEventListener("close", () => (call.hidden = true));
})();
