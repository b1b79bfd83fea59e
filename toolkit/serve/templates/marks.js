// The labels that a person gives to the blocks of a page, and the files that they become.
// marks: number of a block -> [label, "set" (on this block) or "accepted" (as it was suggested)].
const marks = (() => {
  const undone = new Map(); // key of a page -> what its marks were before each change
  const change = (page, numbers, markOf) => {
    const before = { ...page.marks };
    for (const k of numbers) {
      const mark = markOf(k);
      if (mark) page.marks[k] = mark; else delete page.marks[k];
    }
    if (JSON.stringify(before) === JSON.stringify(page.marks)) return false;
    undone.set(page.key, [...(undone.get(page.key) ?? []), before].slice(-200));
    page.changed = Date.now();
    return true;
  };
  const time = (page) => new Date(page.changed).toISOString().replace(/\.\d+Z$/, "+00:00");
  const lines = (rows) => rows.map((row) => JSON.stringify(row) + "\n").join("");
  return {
    change,
    undo: (page) => {
      const before = undone.get(page.key)?.pop();
      if (before) { page.marks = before; page.changed = Date.now(); }
      return Boolean(before);
    },
    undoable: (page) => Boolean(undone.get(page.key)?.length),
    count: (page) => Object.keys(page.marks).length,
    // A line a page, with the page in it: `pageblocks import` makes a corpus of it.
    pages: (pages, who, scheme) => lines(pages.map((page) => ({
      id: page.id, url: page.url, sha256: page.sha256, content_type: page.content_type, scheme,
      annotator: who, created_at: time(page), suggested_by: page.model,
      blocks: page.blocks.map((block, k) => ({
        text: block.text, label: page.marks[k]?.[0] ?? null, suggested: block.label, ...(page.marks[k] && { how: page.marks[k][1] }),
      })),
      content: page.content,
    }))),
    // A line a page, as in CORPUS/annotations/NAME.jsonl: for a corpus that has these pages.
    annotations: (pages, who, schemeId) => lines(pages.filter((page) => Object.keys(page.marks).length).map((page) => ({
      page: page.id, sha256: page.sha256, annotator: who,
      labels: page.blocks.flatMap((block, k) => {
        if (!page.marks[k]) return [];
        const [start, end, hash, number] = block.place;
        return [[start, end, page.marks[k][0], hash, ...(number ? [number] : [])]];
      }),
      url: page.url, created_at: time(page), scheme: schemeId, state: "done", ...(page.model && { suggested_by: page.model }),
    }))),
  };
})();
