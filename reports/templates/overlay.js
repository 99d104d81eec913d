// A slider over each pair of pictures. At its left end the difference is shown.
(() => {
  const prepare = (part) => {
    for (const figure of part.querySelectorAll(".overlay")) {
      if (figure.querySelector("input")) continue;
      const above = figure.querySelector(".above"), caption = figure.querySelector("figcaption");
      const [x, y, width, height] = above.getAttribute("viewBox").split(" ").map(Number);
      const slider = document.createElement("input");
      Object.assign(slider, { type: "range", min: 0, max: 100, value: 0 });
      slider.setAttribute("aria-label", "one picture over the other");
      const show = () => {
        const is_slid = slider.value > 0;
        const shown = is_slid ? (width * slider.value) / 100 : width;
        figure.classList.toggle("is-slid", is_slid);
        above.setAttribute("width", shown);
        above.setAttribute("viewBox", `${x} ${y} ${shown} ${height}`);
        caption.textContent = is_slid ? "left: as it should be, right: the screen" : "difference";
      };
      slider.addEventListener("input", show);
      figure.append(slider);
    }
  };
  addEventListener("made", (event) => prepare(event.target));
  prepare(document);
})();
