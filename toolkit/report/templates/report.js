"use strict";
// The error browser. Page text only ever becomes text nodes: nothing here builds markup from strings.
(() => {
  const filters = document.getElementById("filters");
  if (!filters) return;
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const list = $("list"), more = $("more"), least = $("f-least");
  const STEP = 20, NEAR = 3;
  let found = [], shown = 0;

  const make = (tag, className, ...children) => {
    const node = document.createElement(tag);
    if (className) node.className = className;
    node.append(...children);
    return node;
  };
  const chip = (i) => make("span", "chip l" + i, i < 0 ? "none" : data.labels[i]);
  const counted = (n, one, many) => n + " " + (n === 1 ? one : many);
  const percent = (p) => (p === null ? "" : (p >= 0.995 && p < 1 ? (100 * p).toFixed(1) : Math.round(100 * p)) + "%");
  const blockOf = ([page, block]) => data.pages[page].blocks[block];
  const link = (address, text) => {
    const a = make("a", "", text);
    a.href = address; // checked to be http or https when the report was made
    a.rel = "noopener noreferrer";
    a.target = "_blank";
    return a;
  };
  const option = (select, value, text) => {
    const o = make("option", "", text);
    o.value = value;
    select.append(o);
  };

  const blockRow = (page, i, at) => {
    const [text, gold, predicted, , tag] = page.blocks[i];
    const row = make("li", "block" + (i === at ? " this" : gold >= 0 && gold !== predicted ? " also" : ""));
    const labels = make("div", "labels");
    if (gold === predicted) labels.append(chip(gold));
    else {
      labels.append(make("span", "", make("span", "said", "true"), chip(gold)));
      labels.append(make("span", "", make("span", "said", "predicted"), chip(predicted)));
    }
    labels.append(make("span", "no", "#" + i + " " + tag));
    const body = make("div", "text", text);
    body.dir = "auto";
    row.append(labels, body);
    // Colours live in the label classes; the stripes read them from the chips' own class.
    row.style.setProperty("--gc", colour(gold));
    row.style.setProperty("--pc", colour(predicted));
    return row;
  };
  const colours = new Map();
  const colour = (i) => {
    if (!colours.has(i)) {
      const probe = make("span", "l" + i);
      document.body.append(probe);
      colours.set(i, getComputedStyle(probe).getPropertyValue("--c").trim() || "transparent");
      probe.remove();
    }
    return colours.get(i);
  };

  // The whole page: what is near a wrong block in full, long runs of right blocks with one label folded to a line.
  const FOLD = 5;
  const whole = (rows, page, at) => {
    const wrong = (i) => page.blocks[i] && page.blocks[i][1] >= 0 && page.blocks[i][1] !== page.blocks[i][2];
    const nodes = [];
    const show = (from, to) => { for (let i = from; i < to; i++) nodes.push(blockRow(page, i, at)); };
    for (let i = 0, end; i < page.size; i = end) {
      end = i + 1;
      const first = page.blocks[i];
      const same = (j) => first ? page.blocks[j] && !wrong(j) && page.blocks[j][1] === first[1] : !page.blocks[j];
      if (!wrong(i)) while (end < page.size && same(end)) end++;
      if (!first) nodes.push(make("li", "gap muted", counted(end - i, "block is", "blocks are") + " not in this file"));
      else if (end - i < FOLD) show(i, end);
      else {
        const from = i + (i > 0), to = end - (end < page.size); // the neighbours of another label stay in sight
        show(i, from);
        const button = make("button", "", counted(to - from, "block", "blocks") + " ", chip(first[1]), " " + page.blocks[from][0].slice(0, 60));
        button.type = "button";
        const fold = make("li", "gap fold", button);
        fold.style.setProperty("--gc", colour(first[1]));
        const [a, b] = [from, to];
        button.addEventListener("click", () => {
          const opened = [];
          for (let k = a; k < b; k++) opened.push(blockRow(page, k, at));
          fold.replaceWith(...opened);
          opened[0].tabIndex = -1;
          opened[0].focus();
        });
        nodes.push(fold);
        show(to, end);
      }
    }
    rows.replaceChildren(...nodes);
  };

  const fill = (rows, page, at, reach) => {
    const known = Object.keys(page.blocks).map(Number).filter((i) => Math.abs(i - at) <= reach[1]).sort((a, b) => a - b);
    const near = known.filter((i) => Math.abs(i - at) <= reach[0]);
    const gap = (hidden, word) => {
      const button = make("button", "", hidden + " more " + word);
      button.type = "button";
      button.addEventListener("click", () => {
        fill(rows, page, at, [reach[1], reach[1]]);
        rows.closest(".error").focus();
      });
      return make("li", "gap", button);
    };
    const before = known.filter((i) => i < near[0]).length, after = known.length - near.length - before;
    rows.replaceChildren(
      ...(before ? [gap(before, "before")] : []),
      ...near.map((i) => blockRow(page, i, at)),
      ...(after ? [gap(after, "after")] : []),
    );
  };

  const card = ([p, at]) => {
    const page = data.pages[p];
    const [, gold, predicted, confidence] = page.blocks[at];
    const head = make("h3", "", chip(gold), " labelled as ", chip(predicted));
    if (confidence !== null) head.append(" " + percent(confidence) + " confidence");
    const links = make("span", "links small");
    const open = make("button", "open", "whole page");
    open.type = "button";
    open.setAttribute("aria-expanded", "false");
    links.append(open);
    if (page.url) links.append(" · ", link(page.url, "address"));
    if (page.task) links.append(" · ", link(page.task, "open in Label Studio"));
    head.append(links);
    const from = make("p", "from small muted", page.site + " · " + (page.title || page.id));
    from.dir = "auto";
    const rows = make("ol", "blocks");
    const node = make("article", "error", head, from, rows);
    node.tabIndex = -1;
    fill(rows, page, at, [NEAR, 8]);
    open.addEventListener("click", () => {
      const opened = open.getAttribute("aria-expanded") === "true";
      open.setAttribute("aria-expanded", String(!opened));
      open.textContent = opened ? "whole page" : "nearby blocks";
      if (opened) fill(rows, page, at, [NEAR, 8]);
      else whole(rows, page, at);
      rows.querySelector(".this").scrollIntoView({ block: "center" });
    });
    return node;
  };

  const next = () => {
    const until = Math.min(shown + STEP, found.length);
    list.append(...found.slice(shown, until).map(card));
    shown = until;
    more.hidden = shown >= found.length;
    more.textContent = "Show more (" + (found.length - shown) + " left)";
  };
  const apply = () => {
    const gold = $("f-gold").value, predicted = $("f-predicted").value, site = $("f-site").value;
    const text = $("f-text").value.toLowerCase(), low = least ? least.value / 100 : 0;
    if (least) $("f-least-value").textContent = least.value;
    found = data.errors.filter((e) => {
      const [words, g, p, c] = blockOf(e);
      return (gold === "" || g === +gold) && (predicted === "" || p === +predicted) && (site === "" || data.pages[e[0]].site === site) &&
        (!low || c >= low) && (!text || words.toLowerCase().includes(text));
    });
    const order = $("f-order").value;
    if (order === "doubt") found.reverse();
    if (order === "page") found.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    $("count").textContent = found.length + " of " + counted(data.errors.length, "wrong block", "wrong blocks");
    list.replaceChildren();
    shown = 0;
    next();
  };

  data.labels.forEach((label, i) => { option($("f-gold"), i, label); option($("f-predicted"), i, label); });
  const sites = new Map();
  data.errors.forEach(([p]) => sites.set(data.pages[p].site, (sites.get(data.pages[p].site) || 0) + 1));
  [...sites].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).forEach(([s, n]) => option($("f-site"), s, s + " (" + n + ")"));
  filters.addEventListener("input", apply);
  filters.addEventListener("submit", (event) => event.preventDefault());
  filters.addEventListener("reset", () => setTimeout(apply));
  more.addEventListener("click", () => {
    const first = shown;
    next();
    list.children[first].focus();
  });
  document.querySelectorAll(".heat button").forEach((button) => button.addEventListener("click", () => {
    filters.reset();
    $("f-gold").value = button.dataset.gold;
    $("f-predicted").value = button.dataset.predicted;
    setTimeout(() => {
      apply();
      $("errors").scrollIntoView();
      if (list.firstChild) list.firstChild.focus({ preventScroll: true });
    });
  }));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    if (event.key === "o") {
      const here = document.activeElement.closest(".error");
      if (here) here.querySelector(".open").click();
    }
    if (event.key !== "j" && event.key !== "k") return;
    const cards = [...list.children], now = cards.indexOf(document.activeElement.closest(".error"));
    const to = event.key === "j" ? now + 1 : Math.max(now - 1, 0);
    if (to >= cards.length && shown < found.length) next();
    const card = list.children[Math.min(to, list.children.length - 1)];
    if (card) { card.focus({ preventScroll: true }); card.scrollIntoView({ block: "start" }); }
  });
  filters.hidden = false;
  apply();
})();
