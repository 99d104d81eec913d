// The film of an attempt on a time line. Everything is in the page and in picture files beside it.
(() => {
  const clock = (ms) => {
    const seconds = Math.max(ms, 0) / 1000;
    if (seconds < 60) return `${seconds.toFixed(1)}s`;
    return `${Math.floor(seconds / 60)}m ${String(Math.floor(seconds % 60)).padStart(2, "0")}s`;
  };
  // The place of the last item that began at this time or before; -1 if there is none.
  const before = (items, time) => {
    let low = 0, high = items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (items[middle][0] <= time) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };
  const STEP_ROW = 10, HEIGHT = 44, RECENT = 2500, MOST_READ = 60;
  const films = new Map();

  const open = (section) => {
    if (films.has(section.id)) return films.get(section.id);
    const film = make(section);
    films.set(section.id, film);
    return film;
  };

  // The parts of a film. They are made when it is seen: a page may have a thousand films.
  const PARTS = `
<div class="screen"><canvas role="img" aria-label="The screen"></canvas><div class="looked" aria-hidden="true"></div>
<span class="point" hidden></span><p class="dark" hidden></p></div>
<p class="now"></p>
<pre class="serial" aria-label="The serial console until this moment" hidden></pre>
<div class="track" tabindex="0" role="slider" aria-label="Time"><canvas></canvas></div>
<p class="help"><kbd>←</kbd> <kbd>→</kbd> picture <kbd>↑</kbd> <kbd>↓</kbd> step <kbd>Home</kbd> <kbd>End</kbd>
<span class="legend"><span><i class="of-step"></i>steps</span> <span><i class="of-shot"></i>pictures</span>
<span><i class="of-input"></i>keys and clicks</span> <span><i class="of-news"></i>machine</span>
<span><i class="of-look"></i>area that is not there</span></span></p>`;

  const make = (section) => {
    section.insertAdjacentHTML("beforeend", PARTS);
    section.classList.add("is-open");
    const name = section.dataset.machine;
    if (name) section.prepend(Object.assign(document.createElement("h4"), { textContent: name }));
    const data = JSON.parse(section.querySelector("script").textContent);
    const { files, shots, steps, inputs, news, looks } = data;
    for (const items of [shots, steps, inputs, news, looks, data.serial]) items.sort((a, b) => a[0] - b[0]);
    const lines = data.serial.flatMap(([at, texts]) => texts.map((text) => [at, text]));
    const from = Math.min(data.from, shots[0][0]);
    const to = Math.max(data.to, shots[shots.length - 1][0], from + 1);
    const find = (name) => section.querySelector(name);
    const screen = find(".screen"), shown = find(".screen canvas"), point = find(".point"), dark = find(".dark");
    const looked = find(".looked"), serial = find(".serial");
    serial.hidden = lines.length === 0;
    const now = find(".now"), track = find(".track"), canvas = find(".track canvas");
    const first = shots.find((shot) => shot.length > 1);
    let size = first ? [first[2], first[3]] : [4, 3];
    let time = to;

    // Of the pictures that were read, the newest are kept.
    const read = new Map();
    const load = (file) => {
      if (!read.has(file)) {
        const image = new Image();
        image.src = files[file];
        read.set(file, image.decode().then(() => image, () => null));
        if (read.size > MOST_READ) read.delete(read.keys().next().value);
      }
      return read.get(file);
    };
    const without = (words) => {
      dark.textContent = words;
      dark.hidden = false;
    };

    // A part is drawn over its whole picture pixel by pixel: scaled apart, their edges would not meet.
    let turn = 0;
    const picture = (shot) => {
      turn += 1;
      const mine = turn;
      if (!shot || shot.length === 1) return without("no picture");
      const [, , width, height, file, base, x, y] = shot;
      size = [width, height];
      screen.style.aspectRatio = `${width} / ${height}`;
      const layers = base < 0 ? [[file, 0, 0]] : [[base, 0, 0], [file, x, y]];
      Promise.all(layers.map(([file]) => load(file))).then((images) => {
        // The pointer may be elsewhere by now.
        if (mine !== turn) return;
        if (images.includes(null)) return without(`${files[file]} cannot be read`);
        dark.hidden = true;
        if (shown.width !== width || shown.height !== height) [shown.width, shown.height] = size;
        const pen = shown.getContext("2d");
        layers.forEach(([, x, y], at) => pen.drawImage(images[at], x, y));
      });
    };

    // The areas of the needle that was looked for, each with its similarity and the one that it needs.
    const outline = (areas) => {
      const boxes = areas.map(([x, y, width, height, similarity, required, ok]) => {
        const box = document.createElement("span");
        box.className = ok ? "is-there" : "is-missing";
        box.style.left = `${(100 * x) / size[0]}%`;
        box.style.top = `${(100 * y) / size[1]}%`;
        box.style.width = `${(100 * width) / size[0]}%`;
        box.style.height = `${(100 * height) / size[1]}%`;
        box.dataset.score = ok ? similarity.toFixed(2) : `${similarity.toFixed(2)} of ${required.toFixed(2)}`;
        return box;
      });
      looked.replaceChildren(...boxes);
    };
    const LINES = 14;
    let told = -2;
    const scroll = (last) => {
      if (last === told) return;
      told = last;
      serial.textContent = lines.slice(Math.max(last + 1 - LINES, 0), last + 1).map(([, text]) => text).join("\n");
    };

    const seek = (moment) => {
      time = Math.min(Math.max(moment, from), to);
      const at = before(shots, time);
      picture(shots[at]);
      const words = [`${clock(time - from)} of ${clock(to - from)}`];
      if (at >= 0) words.push(`picture ${at + 1} of ${shots.length}`);
      const step = steps[before(steps, time)];
      if (step) {
        const state = time < step[1] ? "runs" : step[4];
        words.push(`step ${step[2]} ${step[3]}: ${state}`);
      }
      const look = looks[before(looks, time)];
      const is_of_step = look && step && look[0] >= step[0];
      if (is_of_step) {
        const missing = look[2].filter((area) => !area[6]).length;
        words.push(`needle ${look[1]}: ${missing ? `${missing} of ${look[2].length} areas missing` : "matches"}`);
      }
      outline(is_of_step ? look[2] : []);
      scroll(before(lines, time));
      const input = inputs[before(inputs, time)];
      const is_recent = input && time - input[0] <= RECENT;
      if (is_recent) words.push(input[1]);
      point.hidden = !(is_recent && input[2] >= 0);
      point.style.left = `${is_recent ? (100 * (input[2] + 0.5)) / size[0] : 0}%`;
      point.style.top = `${is_recent ? (100 * (input[3] + 0.5)) / size[1] : 0}%`;
      const event = news[before(news, time)];
      if (event && time - event[0] <= RECENT) words.push(event[1]);
      now.textContent = words.join(" · ");
      track.setAttribute("aria-valuemin", 0);
      track.setAttribute("aria-valuemax", Math.round(to - from));
      track.setAttribute("aria-valuenow", Math.round(time - from));
      track.setAttribute("aria-valuetext", now.textContent);
      draw();
    };

    const draw = () => {
      const width = track.clientWidth, scale = window.devicePixelRatio || 1;
      if (!width) return;
      if (canvas.width !== Math.round(width * scale)) {
        canvas.width = Math.round(width * scale);
        canvas.height = Math.round(HEIGHT * scale);
        canvas.style.height = `${HEIGHT}px`;
      }
      const style = getComputedStyle(section), pen = canvas.getContext("2d");
      const colour = (name) => style.getPropertyValue(name).trim();
      const x = (moment) => ((moment - from) / (to - from)) * width;
      pen.setTransform(scale, 0, 0, scale, 0, 0);
      pen.clearRect(0, 0, width, HEIGHT);
      const grey = colour("--grey"), other = colour("--purple");
      const hues = {
        passed: colour("--green"), failed: colour("--red"), forgiven: colour("--amber"), skipped: grey, cancelled: grey,
      };
      for (const [begin, end, , , outcome] of steps) {
        pen.fillStyle = hues[outcome] || other;
        pen.fillRect(x(begin), 0, Math.max(x(end) - x(begin) - 1, 1), STEP_ROW);
      }
      pen.fillStyle = colour("--soft");
      for (const shot of shots) pen.fillRect(x(shot[0]), STEP_ROW + 6, 1, 9);
      pen.fillStyle = colour("--link");
      for (const input of inputs) {
        pen.beginPath();
        pen.arc(x(input[0]), STEP_ROW + 24, 3, 0, 7);
        pen.fill();
      }
      pen.fillStyle = colour("--amber");
      for (const event of news) pen.fillRect(x(event[0]) - 2, STEP_ROW + 29, 5, 5);
      pen.fillStyle = colour("--text");
      pen.fillRect(Math.min(x(time), width - 2), 0, 2, HEIGHT);
    };

    // A step is reached at its end, where its result is seen.
    const ends = steps.map((step) => [step[1]]).sort((a, b) => a[0] - b[0]);
    const next = (items, by) => {
      const here = before(items, time);
      const is_on = here >= 0 && items[here][0] === time;
      const place = by < 0 ? here - (is_on ? 1 : 0) : here + 1;
      const item = items[Math.min(Math.max(place, 0), items.length - 1)];
      if (item) seek(item[0]);
    };
    const remember = () => history.replaceState(null, "", `#${section.id}@${Math.round(time - from)}`);
    track.addEventListener("keydown", (event) => {
      const act = {
        ArrowLeft: () => next(shots, -1),
        ArrowRight: () => next(shots, 1),
        ArrowUp: () => next(ends, -1),
        ArrowDown: () => next(ends, 1),
        Home: () => seek(from),
        End: () => seek(to),
      }[event.key];
      if (!act) return;
      event.preventDefault();
      act();
      remember();
    });
    const moment = (event) => {
      const box = track.getBoundingClientRect();
      return from + ((event.clientX - box.left) / box.width) * (to - from);
    };
    track.addEventListener("pointermove", (event) => seek(moment(event)));
    track.addEventListener("pointerdown", (event) => {
      seek(moment(event));
      remember();
    });
    // Each step gets a link to its moment, also a step whose row is made later.
    const by_row = new Map(steps.map((step) => [step[5], step]));
    const link = (part) => {
      for (const row of [part, ...part.querySelectorAll("[id]")]) {
        const step = by_row.get(row.id), end = step && row.querySelector(".time");
        if (!end || row.querySelector(".jump")) continue;
        const jump = document.createElement("a");
        jump.className = "jump";
        jump.href = `#${section.id}@${Math.round(step[1] - from)}`;
        jump.textContent = "film";
        jump.title = "Shows this moment in the film";
        end.before(jump);
      }
    };
    const attempt = section.closest(".attempt");
    attempt.addEventListener("made", (event) => link(event.target));
    link(attempt);
    new ResizeObserver(draw).observe(track);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
    seek(time);
    return { seek: (after) => seek(from + after) };
  };

  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) open(target);
  });
  const watch = (part) => {
    for (const section of part.querySelectorAll(".film")) {
      section.hidden = false;
      seen.observe(section);
    }
  };
  addEventListener("made", (event) => watch(event.target));
  watch(document);
  const follow = () => {
    const [id, after] = decodeURIComponent(location.hash.slice(1)).split("@");
    const section = after !== undefined && document.getElementById(id);
    if (!section || !section.classList.contains("film")) return;
    open(section).seek(Number(after) || 0);
    section.scrollIntoView();
  };
  addEventListener("hashchange", follow);
  follow();
})();
