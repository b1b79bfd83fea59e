"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const given = $("given"), said = $("said"), list = $("blocks"), chips = [...document.querySelectorAll(".chip")];
  const labels = chips.map((chip) => chip.dataset.label), bars = [...document.querySelectorAll("#why dl > div")];
  let page = null, sent = null, asked = 0;

  const EXAMPLE = `<!doctype html><title>The night ferry sails again</title>
<nav><a href="/">Home</a> <a href="/news">News</a> <a href="/sport">Sport</a></nav>
<main><h1>The night ferry sails again</h1><p>By Ida Lunde, 4 March</p>
<p>After two winters at the quay the night ferry left the harbour on Monday with four hundred people on board, a brass band and the mayor, who had promised as much in spring.</p>
<figure><img src="quay.jpg"><figcaption>The ferry at the quay. Photo: Ida Lunde</figcaption></figure>
<p>The crossing takes six hours. Cabins are sold out until June, the company said, and a second ship is being looked for.</p></main>
<p><b>Support our reporting:</b> become a member from 4 a month.</p>
<form><label>Your e-mail</label><input placeholder="you@example.org"><button>Sign up</button></form>
<footer><a href="/imprint">Imprint</a> <a href="/privacy">Privacy</a></footer>`;

  function say(text, bad) {
    said.textContent = text;
    said.classList.toggle("bad", Boolean(bad));
  }

  function body(text) {
    const trimmed = text.trim();
    if (/^https?:\/\/\S+$/i.test(trimmed)) return { url: trimmed };
    return /<[a-z!][^<>]*>/i.test(trimmed) ? { html: text } : { text };
  }

  async function ask() {
    if (!given.value.trim()) { say("Paste an address, HTML or text first.", true); given.focus(); return; }
    const mine = ++asked, question = body(given.value);
    $("go").disabled = true;
    say("Classifying the page …");
    try {
      const answer = await fetch("classify", {
        method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(question),
      });
      const got = await answer.json();
      if (mine !== asked) return;
      if (!answer.ok) throw new Error(got.error || `status ${answer.status}`);
      sent = question;
      show(got);
    } catch (error) {
      if (mine === asked) { say(error instanceof TypeError ? "The service does not answer; is it running?" : error.message, true); $("found").hidden = true; $("why").hidden = true; }
    } finally {
      $("go").disabled = false;
    }
  }

  // Page text goes in as text nodes only.
  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function show(got) {
    page = got;
    const counts = Object.fromEntries(labels.map((label) => [label, 0]));
    const items = got.blocks.map((block, k) => {
      counts[block.label] += 1;
      const item = element("li", `l${labels.indexOf(block.label)}`), sure = block.probabilities[block.label];
      item.tabIndex = k ? -1 : 0;
      item.dataset.number = k;
      const what = element("span", "what");
      what.append(element("b", "", block.label));
      if (sure < 0.8) what.append(`${Math.round(sure * 100)}% sure`);
      item.append(what, element("span", "text", block.text));
      return item;
    });
    list.replaceChildren(...items);
    chips.forEach((chip, k) => {
      chip.querySelector("b").textContent = counts[labels[k]];
      chip.hidden = !counts[labels[k]];
      chip.setAttribute("aria-pressed", "true");
    });
    $("title").textContent = got.title || "(no title)";
    $("from").textContent = got.source === "page" ? "" : got.source;
    $("found").hidden = false;
    $("why").hidden = true;
    filter();
    say(`${got.blocks.length} ${got.blocks.length === 1 ? "block" : "blocks"}`);
  }

  const pressed = () => chips.filter((chip) => !chip.hidden && chip.getAttribute("aria-pressed") === "true").map((chip) => chip.dataset.label);
  const all = () => chips.filter((chip) => !chip.hidden).length;

  // All shown is no choice: then the main content is what one wants to have.
  const chosen = () => pressed().length !== all();

  function filter() {
    const names = pressed();
    for (const item of list.children) item.hidden = !names.includes(page.blocks[item.dataset.number].label);
    $("copy").textContent = chosen() ? `Copy clean text (${names.join(", ")})` : "Copy clean text (main content)";
    $("copy").disabled = !names.length;
    if (!list.querySelector("li:not([hidden])[tabindex='0']")) roving(list.querySelector("li:not([hidden])"));
  }

  function roving(item) {
    for (const other of list.querySelectorAll("[tabindex='0']")) other.tabIndex = -1;
    if (item) item.tabIndex = 0;
  }

  async function copy() {
    let text;
    try {  // the service says what the text is, so that it is the same as everywhere
      const answer = await fetch("extract", {
        method: "POST", headers: { "content-type": "application/json" },
        body: JSON.stringify(chosen() ? { ...sent, keep: pressed() } : sent),
      });
      const got = await answer.json();
      if (!answer.ok) throw new Error(got.error || `status ${answer.status}`);
      text = got.text;
    } catch (error) {
      say(error instanceof TypeError ? "The service does not answer; is it running?" : error.message, true);
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
    say(`Copied ${text.length.toLocaleString("en")} characters.`);
  }

  function why(item) {
    const chances = page.blocks[item.dataset.number].probabilities;
    bars.forEach((bar, k) => {
      const chance = chances[labels[k]] ?? 0;
      bar.querySelector("dd").textContent = `${(chance * 100).toFixed(chance > 0.995 || chance < 0.095 ? 1 : 0)}%`;
      bar.querySelector("progress").value = chance;
    });
    $("why").hidden = false;
    item.setAttribute("aria-description", labels.map((label) => `${label} ${Math.round((chances[label] ?? 0) * 100)}%`).join(", "));
  }

  $("form").addEventListener("submit", (event) => { event.preventDefault(); ask(); });
  given.addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) ask(); });
  $("example").addEventListener("click", () => { given.value = EXAMPLE; ask(); });
  $("file").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    if (file.size > Number(document.body.dataset.most)) { say("The file is too large for this service.", true); return; }
    given.value = await file.text();
    event.target.value = "";
    ask();
  });
  $("copy").addEventListener("click", copy);
  for (const chip of chips) chip.addEventListener("click", () => {
    chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
    filter();
  });
  for (const kind of ["pointerover", "focusin", "click"]) list.addEventListener(kind, (event) => {
    const item = event.target.closest("li");
    if (item) why(item);
  });
  list.addEventListener("keydown", (event) => {
    const shown = [...list.querySelectorAll("li:not([hidden])")], now = shown.indexOf(document.activeElement);
    const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: shown.length - 1 }[event.key];
    if (to === undefined || now < 0) return;
    event.preventDefault();
    const item = shown[Math.max(0, Math.min(to, shown.length - 1))];
    roving(item);
    item.focus();
  });
})();
