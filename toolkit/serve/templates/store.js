"use strict";
// Pages and labels in this browser, so that a reload loses nothing. A page is known by its bytes and the scheme.
const store = (() => {
  let opening = null;
  const open = () => opening ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open("pageblocks", 1);
    asked.onupgradeneeded = () => { for (const name of ["pages", "marks"]) asked.result.createObjectStore(name, { keyPath: "key" }); };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  const run = async (names, mode, work) => {
    const base = await open();
    return new Promise((resolve, reject) => {
      const transaction = base.transaction(names, mode), found = work(transaction);
      transaction.oncomplete = () => resolve(found);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  };
  return {
    // Marks are written at each change and pages once: pages are large.
    keep: (page) => run(["pages"], "readwrite", (t) => { const { marks: _, changed: __, ...rest } = page; t.objectStore("pages").put(rest); }),
    mark: (page) => run(["marks"], "readwrite", (t) => { t.objectStore("marks").put({ key: page.key, marks: page.marks, changed: page.changed }); }),
    remove: (page) => run(["pages", "marks"], "readwrite", (t) => { for (const name of ["pages", "marks"]) t.objectStore(name).delete(page.key); }),
    all: async () => {
      const [pages, marks] = await run(["pages", "marks"], "readonly", (t) => ["pages", "marks"].map((name) => t.objectStore(name).getAll()));
      const given = new Map(marks.result.map((one) => [one.key, one]));
      return pages.result.sort((a, b) => a.added - b.added).map((page) => ({ ...page, marks: given.get(page.key)?.marks ?? {}, changed: given.get(page.key)?.changed ?? 0 }));
    },
  };
})();
