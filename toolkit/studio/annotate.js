// What the included server adds to Label Studio's annotation page: runs of blocks drawn with the mouse, keys for the
// next, the previous and the next doubtful block, an address that opens, and less work on long pages.
//
// It uses the store of Label Studio's editor (window.Htx). Where that is not as expected, or this file is not loaded,
// the page works as on any other server.
"use strict";
(() => {
  const DOUBTFUL = 0.7; // probability of a suggestion; below it, 4 in 10 are wrong
  const KEYS = [
    ["j", "Next block", (of) => step(of, 1)],
    ["k", "Previous block", (of) => step(of, -1)],
    ["n", "Next doubtful block", (of) => step(of, 1, doubtful(of))],
  ];
  const HELP = [
    ...KEYS.map(([key, what]) => [key, what]),
    ["drag", "Select a run of blocks; with a label chosen, label it"],
    ["shift + click", "Select the blocks from the last clicked one"],
    ["ctrl + click", "Select one more block"],
    ["click", "Select a block, or the run that was drawn over it; click again for the block alone"],
  ];

  // --- Label Studio's store ---

  const blocks = () => document.querySelector(".blks");
  const inside = (event) => Boolean(event.target.closest && event.target.closest(".blks"));
  const annotation = () => {
    const selected = blocks() && window.Htx && window.Htx.annotationStore && window.Htx.annotationStore.selected;
    return selected && selected.type === "annotation" && !selected.isReadOnly() ? selected : null;
  };
  // The blocks that have a region, and its id, in the order in which the regions were sent: a review has the blocks in
  // question first. A page has thousands of regions, so they are taken by their ids.
  const ids = (of) => {
    const found = new Map();
    for (const id of of.areas.keys()) {
      const named = /^b(\d+)(?:#|$)/.exec(id);
      if (named) found.set(Number(named[1]), id);
    }
    return found;
  };
  const blockOf = (region) => parseInt(region.id.slice(1), 10);
  const labelOf = (region) => region.labels.join();
  const allLabels = (of) => [...of.names.values()].flatMap((tag) => (tag.type === "hypertextlabels" ? [...tag.children] : []));

  // --- the mouse ---

  let runs = []; // sets of blocks that were drawn, the last one first
  let drawnOn = null; // the annotation that they are of
  let began = false; // the mouse went down on the page's text
  let drawn = false; // the click that ends a drawing is none

  const touched = (range) =>
    [...blocks().children].flatMap((paragraph, block) => {
      if (!range.intersectsNode(paragraph)) return [];
      // A drag that ends before the first letter of a block does not mean it.
      const part = document.createRange();
      part.selectNodeContents(paragraph);
      if (part.compareBoundaryPoints(Range.START_TO_START, range) < 0) part.setStart(range.startContainer, range.startOffset);
      if (part.compareBoundaryPoints(Range.END_TO_END, range) > 0) part.setEnd(range.endContainer, range.endOffset);
      return part.toString() ? [block] : [];
    });

  const regionsOf = (of, chosen) => {
    const all = ids(of);
    return [...chosen].flatMap((block) => (all.has(block) ? [of.areas.get(all.get(block))] : []));
  };

  const press = (event) => {
    began = inside(event) && event.button === 0;
    drawn = false;
    const of = began && annotation();
    if (of) quicken(of);
  };

  const release = (event) => {
    const of = annotation();
    const selection = window.getSelection();
    if (!began || !of) return;
    began = false;
    event.stopImmediatePropagation(); // Label Studio would lay one more region over those of the blocks
    if (!selection.rangeCount || selection.isCollapsed) return;
    const run = touched(selection.getRangeAt(0));
    const armed = of.selectedRegions.length ? null : allLabels(of).find((label) => label.selected);
    if (!run.length || (run.length === 1 && !armed)) return; // text to copy
    selection.removeAllRanges();
    drawn = true;
    if (drawnOn !== of) [drawnOn, runs] = [of, []];
    if (run.length > 1) runs.unshift(new Set(run));
    of.unselectAll();
    select(of, regionsOf(of, run));
    if (armed) armed.toggleSelected();
  };

  const select = (of, chosen) => {
    if (chosen.length === 1) of.selectArea(chosen[0]);
    else of.selectAreas(chosen);
    if (chosen.length) last = blockOf(chosen[chosen.length - 1]);
  };

  const click = (event) => {
    const of = annotation();
    const paragraph = inside(event) && event.target.closest(".blks > p");
    if (drawn) {
      drawn = false;
      event.stopImmediatePropagation();
      return;
    }
    if (!of || !paragraph || event.shiftKey || !event.target.closest(".htx-highlight")) return;
    const block = [...blocks().children].indexOf(paragraph);
    const [region] = regionsOf(of, [block]);
    if (!region || event.target.closest('.htx-highlight:not([class*="htx-highlight-b"])')) return; // a region of another kind
    event.stopImmediatePropagation(); // Label Studio would look for it among all
    if (event.ctrlKey || event.metaKey) {
      of.toggleRegionSelection(region);
      return;
    }
    const now = of.selectedRegions;
    const run = drawnOn === of && runs.find((some) => some.has(block));
    const chosen = run ? regionsOf(of, run) : [];
    const whole = now.length === chosen.length && chosen.every((some) => now.includes(some));
    if (chosen.length > 1 && !whole && !(now.length === 1 && now[0] === region) && new Set(chosen.map(labelOf)).size === 1) {
      select(of, chosen);
    } else if (now.length === 1 && now[0] === region) {
      of.unselectAll();
    } else {
      select(of, [region]);
    }
  };

  // --- keys ---

  let last = null; // the block where the annotator was last: after Escape the keys go on from there

  const doubtful = (of) => {
    const asked = [...blocks().children].flatMap((p, block) => (/^\d+ \? /.test(p.dataset.t) ? [block] : []));
    if (asked.length) return (block) => asked.includes(block);
    return (block, id) => {
      const region = of.areas.get(id);
      const score = region.results[0].score;
      return !region.labels.length || (typeof score === "number" && score < DOUBTFUL);
    };
  };

  const step = (of, way, wanted) => {
    const all = [...ids(of)];
    if (wanted) all.sort(([a], [b]) => a - b);
    const chosen = of.selectedRegions;
    const from = chosen.length ? blockOf(chosen[chosen.length - 1]) : last;
    const here = all.findIndex(([block]) => block === from);
    for (let far = 1; far <= all.length; far++) {
      const place = here < 0 ? (way > 0 ? far - 1 : all.length - far) : here + way * far;
      const [block, id] = all[(place + 2 * all.length) % all.length];
      if (wanted && !wanted(block, id)) continue;
      last = block;
      of.selectArea(of.areas.get(id)); // and brings it into view
      return;
    }
  };

  const type = (event) => {
    const of = annotation();
    if (!of || event.target.closest("input, textarea, select, [contenteditable=true], [role=dialog]")) return;
    quicken(of);
    const found = KEYS.find(([key]) => key === event.key);
    if (!found || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    if (!window.Htx.settings.enableHotkeys || allLabels(of).some((label) => label.hotkey === event.key)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    found[2](of);
  };

  // --- the dialog of shortcuts ---

  const element = (name, classes, text) => {
    const made = document.createElement(name);
    made.className = classes;
    if (text) made.textContent = text;
    return made;
  };

  const help = (tries) => {
    const list = [...document.querySelectorAll("h2")].find((head) => head.textContent === "Keyboard Shortcuts");
    const sections = list && list.closest("[class*=max-w]").querySelector(".space-y-wide");
    if (!sections && tries) return void setTimeout(help, 50, tries - 1);
    if (!sections || sections.querySelector("[data-pageblocks]")) return;
    const section = element("div", "border border-neutral-border rounded-lg");
    section.dataset.pageblocks = "";
    const head = element("div", "px-4 py-3 border-b border-neutral-border");
    head.append(element("h3", "font-medium", "Blocks of a page"));
    const body = element("div", "p-4");
    for (const [key, what] of HELP) {
      const row = element("div", "flex items-center justify-between py-2");
      const shown = element("kbd", "", key);
      shown.style.cssText = "border:1px solid var(--color-neutral-border);border-radius:4px;padding:0 8px";
      row.append(element("div", "font-medium text-neutral-content", what), shown);
      body.append(row);
    }
    section.append(head, body);
    sections.prepend(section);
  };

  // --- the page's address ---

  const address = (event) => {
    const head = event.target.closest && event.target.closest(".lsf-main-view__annotation h4");
    const found = head && blocks() && /^https?:\/\/\S+$/.exec(head.textContent.trim());
    return found ? [head, found[0]] : null;
  };

  // --- less work: a page of 3,000 blocks ---

  const settings = window.APP_SETTINGS;
  if (settings && settings.feature_flags_default_value === true) {
    // The editor copies all flags each time that it asks for one, some 50 times a region. Those that are on are so by
    // default, too. A parsed object is copied ten times as fast as one that grew.
    const off = Object.entries(settings.feature_flags).filter(([, value]) => value !== true);
    settings.feature_flags = JSON.parse(JSON.stringify(Object.fromEntries(off)));
  }
  // The dialog of shortcuts shows the server's keys only where the user has some of their own.
  const own = settings && settings.user && settings.user.customHotkeys;
  if (own && !own["regions:region:delete"]) own["regions:region:delete"] = { key: "shift+backspace", active: true };

  // The list of regions repeats the page, and is built anew at each click. It opens when someone asks for it.
  if (!localStorage.getItem("panelState")) {
    const view = (name, title, active) => ({ name, title, active });
    const panel = (order, panelViews) => ({
      order, top: 0, left: 0, relativeLeft: 0, relativeTop: 0, zIndex: 10, width: 320, height: 400, visible: true,
      detached: false, alignment: "right", maxHeight: 800, panelViews,
    });
    const panelData = {
      "info-history": panel(1, [view("info", "Info", true), view("history", "History", false)]),
      "regions-relations": panel(2, [view("regions", "Regions", true), view("relations", "Relations", false)]),
    };
    localStorage.setItem("panelState", JSON.stringify({ panelData, collapsedSide: { left: false, right: true } }));
  }

  // Above an opened task Label Studio writes out all answers at each change, to see whether there is another one.
  const { stringify } = JSON;
  JSON.stringify = function (value, ...more) {
    if (!more.length && Array.isArray(value)) {
      const store = window.Htx && window.Htx.annotationStore;
      if (store && (value === store.annotations || value === store.predictions)) return stringify(value.map((one) => one.id));
    }
    return stringify.call(this, value, ...more);
  };

  // Label Studio gives each region a style sheet of its own. The page's own one has the colours of the labels (since
  // this version of pageblocks), so those of blocks stay out of the document.
  const { head } = document;
  const [append, remove] = [head.appendChild, head.removeChild];
  const known = (node) => node.nodeName === "STYLE" && /^highlight-b\d+-\d+$/.test(node.id);
  const coloured = () => {
    const page = blocks();
    return page && getComputedStyle(page).getPropertyValue("--coloured");
  };
  let colours = false;
  head.appendChild = function (node) {
    if (!known(node)) return append.call(this, node);
    colours = colours || Boolean(coloured());
    return colours ? node : append.call(this, node);
  };
  head.removeChild = function (node) {
    return known(node) && node.parentNode !== this ? node : remove.call(this, node);
  };

  // In the stream a page's suggestions are made into regions twice: once as themselves, which nobody can see there, and
  // once as the annotator's answer.
  const unread = (result) => {
    const list = [...result];
    list.map = (make) => {
      const made = Array.prototype.map.call(result, make);
      made.reduce = (...given) => {
        const all = Array.prototype.reduce.apply(made, given);
        all[Symbol.iterator] = function* () {};
        return all;
      };
      return made;
    };
    return list;
  };
  let store;
  Object.defineProperty(window, "Htx", {
    configurable: true,
    get: () => store,
    set(value) {
      store = value;
      const fill = value && value.initializeStore;
      if (typeof fill !== "function" || fill.light) return;
      const light = (task) => {
        if (!task.predictions || value.hasInterface("predictions:tabs")) return fill(task);
        const predictions = task.predictions.map((one) => ({ ...one, result: unread(one.result || []) }));
        return fill({ ...task, predictions });
      };
      light.light = true;
      Object.defineProperty(value, "initializeStore", { configurable: true, value: light });
    },
  });

  // Where a region is in the page was found by going through the page from its beginning, for each region of each draft.
  const quick = new WeakSet();
  const quicken = (of) => {
    if (quick.has(of)) return;
    quick.add(of);
    for (const tag of of.names.values()) {
      const look = tag.globalOffsetsToRelativeOffsets;
      if (tag.type !== "hypertext" || typeof look !== "function") continue;
      const known = new Map();
      const value = (offsets) => {
        const key = `${offsets.start}-${offsets.end}`;
        if (!known.has(key)) known.set(key, look(offsets));
        return known.get(key);
      };
      for (const { start, end, startOffset, endOffset, globalOffsets: at } of of.areas.values()) {
        if (at && at.calculated) known.set(`${at.start}-${at.end}`, { start, end, startOffset, endOffset });
      }
      Object.defineProperty(tag, "globalOffsetsToRelativeOffsets", { configurable: true, value });
    }
  };

  const hover = (event) => {
    const found = address(event);
    if (found) Object.assign(found[0].style, { cursor: "pointer", textDecoration: "underline" });
    // Under the mouse Label Studio looks for relations between regions, one by one through the whole page.
    if (inside(event)) event.stopImmediatePropagation();
  };

  const guarded = (action) => (event) => {
    try {
      action(event);
    } catch (error) {
      console.error("pageblocks:", error);
    }
  };
  const listen = (what, action) => window.addEventListener(what, guarded(action), true);
  listen("mousedown", press);
  listen("mouseup", release);
  listen("click", click);
  listen("click", (event) => {
    if (event.target.closest && event.target.closest("[data-testid=hotkeys-button]")) setTimeout(help, 50, 40);
    const found = address(event);
    if (found && window.getSelection().isCollapsed) window.open(found[1], "_blank", "noopener,noreferrer");
  });
  listen("mouseover", hover);
  listen("keydown", type);
})();
