// The list of wrong blocks: its filters, which are in the page's address, its keys, and the file for a review.
(() => {
  const filters = document.getElementById("filters");
  if (!filters) return;
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const { make, chip, counted, percent, link, nearby, whole } = blockView(data);
  const list = $("list"), more = $("more"), least = $("f-least");
  const STEP = 20;
  let found = [], shown = 0;

  const blockOf = ([page, blocks]) => data.pages[page].blocks[blocks[0]];
  const sum = (errors) => errors.reduce((n, [, blocks]) => n + blocks.length, 0);
  const option = (select, value, text) => {
    const o = make("option", "", text);
    o.value = value;
    select.append(o);
  };

  const card = ([p, at, , why]) => {
    const page = data.pages[p];
    const [, gold, predicted, confidence] = page.blocks[at[0]];
    const head = make("h3", "", chip(gold), " labelled as ", chip(predicted));
    if (confidence !== null) head.append(" " + percent(confidence) + " confidence");
    if (at.length > 1) head.append(make("b", "", at.length + " times on this page"));
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
    if (why) rows.before(make("p", "doubt small", make("b", "", "The label is doubtful: "), why));
    node.tabIndex = -1;
    nearby(rows, page, at);
    open.addEventListener("click", () => {
      const opened = open.getAttribute("aria-expanded") === "true";
      open.setAttribute("aria-expanded", String(!opened));
      open.textContent = opened ? "whole page" : "nearby blocks";
      (opened ? nearby : whole)(rows, page, at);
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
    const gold = $("f-gold").value, predicted = $("f-predicted").value, site = $("f-site").value, cause = $("f-cause").value;
    const text = $("f-text").value.toLowerCase(), low = least ? least.value / 100 : 0;
    if (least) $("f-least-value").textContent = least.value;
    found = data.errors.filter((e) => {
      const [words, g, p, c] = blockOf(e);
      return (gold === "" || data.labels[g] === gold) && (predicted === "" || data.labels[p] === predicted) &&
        (site === "" || data.pages[e[0]].site === site) && (cause === "" || (cause === "label") === Boolean(e[3])) &&
        (!low || c >= low) && (!text || words.toLowerCase().includes(text));
    });
    const order = $("f-order").value;
    if (order === "doubt") found.reverse();
    if (order === "page") found.sort((a, b) => a[0] - b[0] || a[1][0] - b[1][0]);
    $("count").textContent = sum(found).toLocaleString("en") + " of " + counted(sum(data.errors), "wrong block", "wrong blocks");
    $("save").disabled = !found.length;
    list.replaceChildren();
    shown = 0;
    next();
  };

  // What is filtered is in the address, so that it can be sent to a colleague: #errors?true=form&site=ferry.example
  const named = [...filters.elements].filter((field) => field.name);
  const remember = () => {
    const said = new URLSearchParams(named.filter((f) => f.value !== f.dataset.none).map((f) => [f.name, f.value]));
    history.replaceState(null, "", said.size ? "#errors?" + said : "#errors");
  };
  const recall = () => {
    if (!location.hash.startsWith("#errors?")) return false;
    const said = new URLSearchParams(location.hash.slice("#errors?".length));
    for (const field of named) {
      field.value = said.get(field.name) ?? field.dataset.none;
      if (field.selectedIndex === -1) field.value = field.dataset.none; // a label or a site that is not here
    }
    return true;
  };

  // Lines as `pageblocks doubts` writes them, for `pageblocks push --review`.
  const save = () => {
    const rows = found.flatMap(([p, blocks, hash, why]) => blocks.map((block) => {
      const [, gold, predicted, confidence] = data.pages[p].blocks[block];
      return JSON.stringify({
        page: data.pages[p].id, block, hash, kind: "error", label: data.labels[gold], suggested: data.labels[predicted],
        why: why || "the model says " + data.labels[predicted] + (confidence === null ? "" : " (" + percent(confidence) + ")"),
      }) + "\n";
    }));
    const file = make("a");
    file.href = URL.createObjectURL(new Blob(rows, { type: "application/jsonl" }));
    file.download = "review.jsonl";
    file.click();
    setTimeout(() => URL.revokeObjectURL(file.href), 1000);
  };

  data.labels.forEach((label) => { option($("f-gold"), label, label); option($("f-predicted"), label, label); });
  const sites = new Map();
  data.errors.forEach(([p, blocks]) => sites.set(data.pages[p].site, (sites.get(data.pages[p].site) || 0) + blocks.length));
  [...sites].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).forEach(([s, n]) => option($("f-site"), s, s + " (" + n + ")"));
  const doubtful = sum(data.errors.filter((e) => e[3]));
  option($("f-cause"), "model", "the model (" + (sum(data.errors) - doubtful) + ")");
  option($("f-cause"), "label", "the label (" + doubtful + ")");
  named.forEach((field) => { field.dataset.none = field.value; });
  const change = () => { apply(); remember(); };
  filters.addEventListener("input", change);
  filters.addEventListener("submit", (event) => event.preventDefault());
  filters.addEventListener("reset", () => setTimeout(change));
  $("save").addEventListener("click", save);
  more.addEventListener("click", () => {
    const first = shown;
    next();
    list.children[first].focus();
  });
  const go = () => {
    apply();
    $("errors").scrollIntoView();
    if (list.firstChild) list.firstChild.focus({ preventScroll: true });
  };
  document.querySelectorAll("[data-filter]").forEach((button) => button.addEventListener("click", () => {
    history.pushState(null, "", button.dataset.filter);
    if (recall()) go();
  }));
  window.addEventListener("hashchange", () => { if (recall()) go(); });
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
  if (recall()) go();
  else apply();
})();
