// What the page needs and what has no state.
const EXAMPLE = `<!doctype html><title>The night ferry sails again</title>
<nav><a href="/">Home</a> <a href="/news">News</a> <a href="/sport">Sport</a></nav>
<main><h1>The night ferry sails again</h1><p>By Ida Lunde, 4 March</p>
<p>After two winters at the quay the night ferry left the harbour on Monday with four hundred people on board, a brass band and the mayor, who had promised as much in spring.</p>
<figure><img src="quay.jpg"><figcaption>The ferry at the quay. Photo: Ida Lunde</figcaption></figure>
<p>The crossing takes six hours. Cabins are sold out until June, the company said, and a second ship is being looked for.</p></main>
<p><b>Support our reporting:</b> become a member from 4 a month.</p>
<form><label>Your e-mail</label><input placeholder="you@example.org"><button>Sign up</button></form>
<footer><a href="/imprint">Imprint</a> <a href="/privacy">Privacy</a></footer>`;

// Page text goes in as text nodes only.
function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

const counted = (n, noun) => `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;

async function post(path, options) {
  let answer;
  try {
    answer = await fetch(path, { method: "POST", ...options });
  } catch {
    throw new Error("The service does not answer; is it running?");
  }
  const got = await answer.json();
  if (!answer.ok) throw new Error(got.error || `status ${answer.status}`);
  return got;
}

const json = (body) => ({ headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

function body(text) {
  const trimmed = text.trim();
  if (/^https?:\/\/\S+$/i.test(trimmed)) return { url: trimmed };
  return /<[a-z!][^<>]*>/i.test(trimmed) ? { html: text } : { text };
}
