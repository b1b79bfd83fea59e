(() => {
  const $ = (id) => document.getElementById(id), all = (where, what) => [...where.querySelectorAll(what)];
  const given = $("given"), said = $("said"), list = $("blocks"), chips = all(document, ".chip"), keys = all($("why"), ".keys button");
  const { most, model, schemeId, scheme } = document.body.dataset, labels = chips.map((chip) => chip.dataset.label);
  const FOLD = 4; // so many blocks and more that are no main content become one line
  const standard = JSON.parse(scheme).default_label;
  let kept = [], page = null, items = [], folds = [], anchor = 0, cursor = 0, asked = 0;

  function say(text, bad) {
    said.textContent = text;
    said.classList.toggle("bad", Boolean(bad));
  }

  const remember = (what, one) => store[what](one).catch(() => say("This browser keeps nothing: download your labels before you leave.", true));

  // ---- pages ----

  async function add(got, name) {
    const key = `${got.sha256} ${schemeId}`, known = kept.find((one) => one.key === key);
    if (known) return known;
    let id = name || (got.source === "page" ? `page-${got.sha256.slice(0, 8)}` : got.id);
    if (kept.some((one) => one.id === id)) id += `-${got.sha256.slice(0, 8)}`;
    const blocks = got.blocks.map(({ text, hidden, label, probabilities, main, place }) => ({
      text, hidden, label: model ? label : standard, probabilities: model ? probabilities : {}, main, place,
    }));
    const { sha256, url, title, content, content_type } = got;
    const made = { key, id, sha256, url, title, content, content_type, model, schemeId, blocks, marks: {}, changed: 0, added: Date.now() + kept.length / 1000 };
    kept.push(made);
    await remember("keep", made);
    return made;
  }

  async function ask() {
    if (!given.value.trim()) { say("Paste an address, HTML or text first.", true); given.focus(); return; }
    const mine = ++asked;
    $("go").disabled = true;
    say("Classifying the page …");
    try {
      const got = await post("classify", json({ ...body(given.value), annotate: true }));
      if (mine === asked) show(await add(got));
    } catch (error) {
      if (mine === asked) { say(error.message, true); hide(); }
    } finally {
      $("go").disabled = false;
    }
  }

  async function open(files) {
    const mine = ++asked, bad = [];
    let first = null;
    for (const [k, file] of files.entries()) {
      say(`Classifying page ${k + 1} of ${files.length} …`);
      const id = file.name.replace(/\.gz$/i, "").replace(/\.(x?html?|txt)$/i, "").replace(/[^\p{L}\p{N}_.-]+/gu, "-").replace(/^[-.]+/, "").slice(0, 100);
      const type = /\.txt(\.gz)?$/i.test(file.name) ? "text/plain" : /\.xhtml(\.gz)?$/i.test(file.name) ? "application/xhtml+xml" : "application/octet-stream";
      try {
        if (file.size > Number(most)) throw new Error("The file is too large for this service.");
        const got = await post("classify?annotate=true", { headers: { "content-type": type }, body: file });
        const one = await add(got, id);
        first ??= one;
      } catch (error) {
        bad.push(`${file.name}: ${error.message}`);
      }
    }
    if (mine !== asked) return;
    if (first) show(first); else hide();
    if (bad.length) say(`${bad.length} of ${counted(files.length, "file")} cannot be used. ${bad[0]}`, true);
  }

  function hide() {
    page = null;
    $("found").hidden = $("why").hidden = true;
    document.body.classList.remove("shown");
    tell();
  }

  // ---- one page ----

  const labelOf = (k) => page.marks[k]?.[0] ?? page.blocks[k].label;
  const visible = () => items.filter((item) => !item.hidden);
  const pressed = () => chips.filter((chip) => !chip.hidden && chip.getAttribute("aria-pressed") === "true").map((chip) => chip.dataset.label);
  // All shown is no choice: then the main content is what one wants to have.
  const chosen = () => pressed().length !== chips.filter((chip) => !chip.hidden).length;

  function show(one) {
    page = one;
    folds = [];
    items = page.blocks.map((block, k) => {
      const item = element("li", "block");
      item.dataset.number = k;
      item.append(element("span", "what"), element("span", "text", block.text));
      return item;
    });
    fold();
    list.replaceChildren(...items.flatMap((item, k) => { const at = folds.find((one) => one.from === k); return at ? [at.row, item] : [item]; }));
    chips.forEach((chip) => chip.setAttribute("aria-pressed", "true"));
    $("title").textContent = page.title || "(no title)";
    $("url").value = page.url;
    $("found").hidden = false;
    document.body.classList.add("shown");
    draw();
    filter();
    cursor = anchor = Number(visible()[0]?.dataset.number ?? 0);
    pick();
    $("found").scrollIntoView();
    const labelled = marks.count(page);
    say(`${counted(page.blocks.length, "block")}${labelled ? `, ${labelled} of them labelled` : ""}`);
  }

  // The story comes first: what is between its parts is folded, if it is long.
  function fold() {
    const { blocks } = page, main = blocks.filter((block) => block.main).map((block) => block.label);
    if (!main.length) return;
    const often = (label) => main.filter((other) => other === label).length, story = main.reduce((a, b) => (often(b) > often(a) ? b : a));
    const told = (block) => block.main || block.label === story; // a headline may be no main content
    for (let from = 0; from < blocks.length; from++) {
      let to = from;
      while (to < blocks.length && !told(blocks[to])) to++;
      if (to - from >= FOLD) {
        const row = element("li", "fold"), button = element("button"), made = { from, to, row, open: false, seen: false };
        button.type = "button";
        button.addEventListener("click", () => { turn(made, !made.open); });
        row.append(button);
        folds.push(made);
      }
      from = Math.max(from, to);
    }
  }

  function turn(one, open) {
    one.open = open;
    one.seen ||= open;
    filter();
  }

  function draw() {
    const counts = Object.fromEntries(labels.map((label) => [label, 0]));
    items.forEach((item, k) => {
      const { label, probabilities } = page.blocks[k], mark = page.marks[k], now = labelOf(k), sure = probabilities[label];
      counts[now] += 1;
      item.className = `block l${labels.indexOf(now)}${mark ? " marked" : ""}`;
      const what = item.firstChild;
      what.replaceChildren(element("b", "", now));
      if (mark) what.append(mark[0] !== label ? `✓ was ${label}` : mark[1] === "set" ? "✓" : "✓ accepted");
      else if (sure < 0.8) what.append(`${Math.round(sure * 100)}% sure`);
    });
    chips.forEach((chip, k) => {
      chip.querySelector("b").textContent = counts[labels[k]];
      chip.hidden = !counts[labels[k]];
    });
    for (const { from, to, row } of folds) {
      const inside = page.blocks.slice(from, to), names = {};
      inside.forEach((_, k) => { names[labelOf(from + k)] = (names[labelOf(from + k)] ?? 0) + 1; });
      const shown = Object.entries(names).sort((a, b) => b[1] - a[1]).map(([name, n]) => `${name} ${n}`).join(", ");
      row.firstChild.replaceChildren(element("b", "", shown), element("span", "", inside.slice(0, 12).map((block) => block.text).join(" · ").slice(0, 200)));
    }
    tell();
  }

  function filter() {
    const names = pressed();
    items.forEach((item, k) => { item.hidden = !names.includes(labelOf(k)); });
    for (const { from, to, row, open } of folds) {
      row.hidden = items.slice(from, to).every((item) => item.hidden);
      row.firstChild.setAttribute("aria-expanded", String(open));
      if (!open) for (const item of items.slice(from, to)) item.hidden = true;
    }
    $("folds").hidden = !folds.length;
    $("folds").textContent = folds.every((one) => one.open) ? "Fold the rest" : "Unfold all";
    $("copy").textContent = chosen() ? `Copy text (${names.join(", ")})` : "Copy text (main content)";
    $("copy").disabled = !names.length;
    pick();
  }

  // The selection: all shown blocks from the anchor to the cursor.
  const picked = () => visible().map((item) => Number(item.dataset.number)).filter((k) => Math.min(anchor, cursor) <= k && k <= Math.max(anchor, cursor));

  function pick(focus) {
    const chosenNow = new Set(picked());
    items.forEach((item, k) => {
      item.classList.toggle("picked", chosenNow.has(k));
      item.tabIndex = k === cursor ? 0 : -1;
    });
    if (!items[cursor] || items[cursor].hidden) { const next = visible()[0]; if (next) next.tabIndex = 0; }
    $("picked").textContent = chosenNow.size > 1 ? `${chosenNow.size} blocks` : "";
    if (focus) items[cursor].focus();
  }

  function move(to, extend) {
    cursor = to;
    if (!extend) anchor = to;
    pick(true);
  }

  function step(by, extend) {
    const shown = visible().map((item) => Number(item.dataset.number)), at = shown.findIndex((k) => k >= cursor);
    const to = shown[Math.max(0, Math.min(shown[at] === cursor || by < 0 ? at + by : at, shown.length - 1))];
    if (to !== undefined) move(to, extend);
  }

  function why(k) {
    const { probabilities } = page.blocks[k];
    keys.forEach((key, n) => {
      const chance = probabilities[labels[n]];
      key.querySelector(".chance").textContent = chance === undefined ? "" : `${(chance * 100).toFixed(chance > 0.995 || chance < 0.095 ? 1 : 0)}%`;
      key.querySelector("progress").value = chance ?? 0;
    });
    $("why").hidden = false;
    items[k].setAttribute("aria-description", labels.map((label) => `${label} ${Math.round((probabilities[label] ?? 0) * 100)}%`).join(", "));
  }

  // ---- labels ----

  function changed() {
    draw();
    filter();
    $("undo").disabled = !marks.undoable(page);
    remember("mark", page);
  }

  function label(name) {
    const numbers = picked();
    if (!numbers.length) { say("Select a block first.", true); return; }
    const markOf = name === undefined ? (k) => page.marks[k] ?? [page.blocks[k].label, "accepted"] : (k) => [name, "set"];
    if (marks.change(page, numbers, markOf)) changed();
    say(`${counted(numbers.length, "block")}: ${name ?? "accepted as suggested"}`);
    cursor = anchor = numbers.at(-1);
    step(1);
  }

  function clear() {
    if (marks.change(page, picked(), () => null)) changed();
    pick(true);
  }

  function undo() {
    if (!marks.undo(page)) { say("Nothing to undo."); return; }
    changed();
    say("Undone.");
  }

  function next() {
    const open = page.blocks.map((_, k) => k).filter((k) => !page.marks[k]);
    const to = open.find((k) => k > cursor) ?? open[0];
    if (to === undefined) { say("All blocks are labelled."); return; }
    const inside = folds.find(({ from, to: end, open: seen }) => from <= to && to < end && !seen);
    if (inside) turn(inside, true);
    if (!items[to].hidden) move(to);
  }

  function read() {
    const unseen = folds.filter((one) => !one.seen);
    if (unseen.length) {
      for (const one of folds) turn(one, true);
      say(`${counted(unseen.length, "folded part")} opened: look at them, then press the button again.`, true);
      unseen[0].row.scrollIntoView({ block: "center" });
      return;
    }
    const left = page.blocks.map((_, k) => k).filter((k) => !page.marks[k]);
    if (marks.change(page, left, (k) => [page.blocks[k].label, "accepted"])) changed();
    say(`${counted(left.length, "block")} accepted as suggested.`);
  }

  // ---- all pages ----

  function tell() {
    $("kept").hidden = !kept.length;
    $("pages").replaceChildren(...kept.map((one) => {
      const row = element("li"), open = element("button", "", one.title || one.id), gone = element("button", "", "Remove"), n = marks.count(one);
      open.type = gone.type = "button";
      open.setAttribute("aria-current", String(one === page));
      open.addEventListener("click", () => show(one));
      gone.setAttribute("aria-label", `Remove ${one.title || one.id}`);
      gone.addEventListener("click", () => {
        if (n && gone.textContent === "Remove") { gone.textContent = `Remove with ${counted(n, "label")}?`; return; }
        kept = kept.filter((other) => other !== one);
        remember("remove", one);
        if (one === page) hide(); else tell();
      });
      row.append(open, element("span", "muted small", `${n} of ${counted(one.blocks.length, "block")}`), gone);
      return row;
    }));
    const name = $("who").value.trim() || "NAME";
    $("next").textContent = `Next: pageblocks import pageblocks-${name}.jsonl --out corpora/mine, then pageblocks agree corpora/mine --gold`;
  }

  function save(text, file) {
    const link = element("a"), address = URL.createObjectURL(new Blob([text], { type: "application/jsonl" }));
    Object.assign(link, { href: address, download: file });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  }

  function download(labelsOnly) {
    const who = $("who").value.trim(), labelled = kept.filter((one) => marks.count(one)).length;
    if (!/^[\p{L}\p{N}_+-][\p{L}\p{N}_.+-]*$/u.test(who) || who === "gold") {
      say("Give your name first: letters, digits, hyphens. (gold is not a name.)", true);
      $("who").focus();
      return;
    }
    if (!labelled && labelsOnly) { say("There are no labels yet.", true); return; }
    if (labelsOnly) save(marks.annotations(kept, who, schemeId), `${who}.jsonl`);
    else save(marks.pages(kept, who, JSON.parse(scheme)), `pageblocks-${who}.jsonl`);
    say(`Downloaded ${labelsOnly ? "the labels of " : ""}${counted(labelsOnly ? labelled : kept.length, "page")}.`);
  }

  async function copy() {
    let text;
    try { // The service says what the text is, so that it is the same as everywhere.
      const bytes = Uint8Array.from(atob(page.content), (c) => c.charCodeAt(0)), keep = chosen() ? pressed() : [];
      const query = new URLSearchParams(keep.map((name) => ["keep", name]));
      text = (await post(`extract?${query}`, { headers: { "content-type": page.content_type }, body: bytes })).text;
    } catch (error) {
      say(error.message, true);
      return;
    }
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = element("textarea", "", text);
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      if (!done) { say("The browser does not allow copying.", true); return; }
    }
    const corrected = page.blocks.some((block, k) => labelOf(k) !== block.label);
    say(`Copied ${text.length.toLocaleString("en")} characters${corrected ? ", as the model labels the page" : ""}.`);
  }

  // ---- events ----

  $("form").addEventListener("submit", (event) => { event.preventDefault(); ask(); });
  given.addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) ask(); });
  $("example").addEventListener("click", () => { given.value = EXAMPLE; ask(); });
  $("file").addEventListener("change", async (event) => {
    const files = [...event.target.files];
    if (files.length) await open(files);
    event.target.value = "";
  });
  const bar = { copy, read, undo, clear, accept: () => label(), download: () => download(false), "download-labels": () => download(true) };
  for (const [id, act] of Object.entries(bar)) $(id).addEventListener("click", act);
  $("url").addEventListener("change", () => { page.url = $("url").value.trim(); remember("keep", page); });
  $("folds").addEventListener("click", () => { const open = !folds.every((one) => one.open); for (const one of folds) turn(one, open); });
  $("who").addEventListener("input", () => { try { localStorage.setItem("annotator", $("who").value); } catch { /* not kept */ } tell(); });
  for (const key of keys) key.addEventListener("click", () => label(key.dataset.label));
  for (const chip of chips) chip.addEventListener("click", () => {
    chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
    filter();
  });
  const numberOf = (event) => { const item = event.target.closest("li.block"); return item ? Number(item.dataset.number) : -1; };
  for (const kind of ["pointerover", "focusin"]) list.addEventListener(kind, (event) => { if (numberOf(event) >= 0) why(numberOf(event)); });
  list.addEventListener("mousedown", (event) => { if (event.shiftKey) event.preventDefault(); }); // no selection of text
  list.addEventListener("click", (event) => { if (numberOf(event) >= 0 && (event.shiftKey || !String(getSelection()))) move(numberOf(event), event.shiftKey); });
  document.addEventListener("keydown", (event) => {
    if (!page || event.target.closest("input, textarea") || event.altKey) return;
    if (event.ctrlKey || event.metaKey) { if (event.key === "z") { event.preventDefault(); undo(); } return; }
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key, here = Boolean(event.target.closest("li.block"));
    const shown = visible(), digit = /^\d$/.test(key) ? labels[(Number(key) + 9) % 10] : undefined;
    const act = digit !== undefined ? () => label(digit) : {
      j: () => step(1, event.shiftKey), k: () => step(-1, event.shiftKey), u: undo, n: next,
      ...(here && {
        ArrowDown: () => step(1, event.shiftKey), ArrowUp: () => step(-1, event.shiftKey), Enter: () => label(), Delete: clear, Backspace: clear,
        Home: () => move(Number(shown[0].dataset.number), event.shiftKey), End: () => move(Number(shown.at(-1).dataset.number), event.shiftKey),
      }),
    }[key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  try { $("who").value = localStorage.getItem("annotator") ?? ""; } catch { /* not kept */ }
  store.all().then((found) => {
    const mine = found.filter((one) => one.schemeId === schemeId && !kept.some((other) => other.key === one.key));
    kept = [...mine, ...kept];
    tell();
    if (mine.length < found.length) say(`${counted(found.length - mine.length, "page")} with labels of another scheme: start the service with that scheme to see them.`);
  }).catch(() => {});
})();
