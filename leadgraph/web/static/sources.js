// The headers of an answer -> what other endpoints were asked for it (RFC 9651), and the panel that
// shows it, as the page without script has it.

import { element, form } from "./terms.js"

const words = JSON.parse(form.dataset.words).told
const MEMBER = /"((?:[^"\\]|\\.)*)"([^,"]*)/g
const PROVENANCE = /<([^>]*)>;\s*rel="http:\/\/www\.w3\.org\/ns\/prov#has_provenance"/

// Parameters of a structured field, as text; one without a value is true.
function facts(parameters) {
  const pairs = parameters.split(";").slice(1)
  return Object.fromEntries(pairs.map((pair) => [...pair.trim().split("="), true].slice(0, 2)))
}

// What is told in the headers of an answer, undefined if it is of this graph alone.
export function read(headers) {
  const completeness = headers?.get("leadgraph-answer")
  const [, ledger] = PROVENANCE.exec(headers?.get("link") ?? "") ?? []
  if (!completeness) return undefined
  const listed = headers.get("leadgraph-sources") ?? ""
  const parts = [...listed.matchAll(MEMBER)].map(([, iri, parameters]) => ({ iri, ...facts(parameters) }))
  const id = ledger && new URL(ledger).pathname.split("/").pop()
  const partial = completeness.startsWith("partial")
  const { replay, sources } = facts(completeness)
  return { id, partial, parts, others: Number(sources) - parts.length, canReplay: replay === true }
}

function duration(seconds) {
  const short = (number) => String(Number(number.toPrecision(3)))
  if (seconds >= 3600) return `${short(seconds / 3600)}\u00a0h`
  if (seconds >= 60) return `${short(seconds / 60)}\u00a0min`
  return seconds >= 1 || !seconds ? `${short(seconds)}\u00a0s` : `${short(seconds * 1000)}\u00a0ms`
}

// A date of a structured field, as the ledger writes it.
function moment(date) {
  const iso = new Date(Number(date.slice(1)) * 1000).toISOString()
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`
}

function isolated(text) {
  return element("bdi", { dir: "ltr" }, text)
}

function filled(text, values) {
  return text.replace(/{(\w+)}/g, (_, name) => values[name])
}

function name(iri) {
  const { host, pathname } = new URL(iri)
  return host + pathname
}

function origin({ age, cached, keys, requests }) {
  const values = { count: cached, age: `\u2066${duration(Number(age))}\u2069` }
  if (age === undefined) return requests === "0" ? "–" : words.live
  if (keys !== undefined && cached === "0") return words.live
  return filled(requests === "0" ? words.memory : words["memory-part"], values)
}

function shown(part) {
  const failed = part.status === "failed"
  const badge = element("span", { class: failed ? "badge badge-failed" : "badge" })
  badge.append(failed ? words.failed : words.complete)
  const rows = [
    [words.asked, isolated(moment(part.asked))],
    [words.requests, part.requests],
    [words.keys, part.keys ?? words["keys-whole"]],
    [words.rows, part.rows],
    [words.origin, origin(part)],
    [words.seconds, isolated(duration(Number(part.seconds)))],
  ]
  const list = element("dl", { class: "facts" })
  for (const [term, value] of rows) {
    list.append(element("div", {}, element("dt", {}, term), element("dd", {}, value)))
  }
  const title = element("p", { class: "told-source" }, isolated(name(part.iri)), " ", badge)
  return element("li", failed ? { class: "failed" } : {}, title, list)
}

function missing(parts) {
  const list = element("ul", { class: "plain" })
  for (const { iri, error } of parts.filter(({ status }) => status === "failed")) {
    const about = element("a", { href: `${form.dataset.problems}#${error}` }, element("code", {}, error))
    list.append(element("li", {}, isolated(name(iri)), ": ", element("span", { dir: "ltr" }, about)))
  }
  const claim = element("strong", {}, words.partial)
  const said = element("p", {}, claim, `. ${words["partial-what"]}`)
  return element("div", { class: "notice partial", role: "alert" }, said, list)
}

function at(path, parameters = {}) {
  const lang = form.elements.lang ? { lang: form.elements.lang.value } : {}
  const query = new URLSearchParams({ ...parameters, ...lang })
  return form.action.replace(/sparql$/, path) + (query.size ? `?${query}` : "")
}

export function ledgerAddress(id) {
  return at(`ledger/${id}`)
}

export function replayAddress(id, parameters = {}) {
  return at("sparql", { replay: id, ...parameters })
}

// What a ledger tells of a query that failed: yasqe drops the headers of errors.
export async function failed(ledger) {
  const id = new URL(ledger).pathname.split("/").pop()
  const found = await fetch(at(`ledger/${id}.json`))
  if (!found.ok) throw new Error(found.statusText)
  const parts = (await found.json()).asked.map((asked) => {
    const { source, begun, requests, keys, rows, cached_keys, cached_since, seconds, failure } = asked
    const age = cached_since ? (new Date(begun) - new Date(cached_since)) / 1000 : undefined
    return {
      iri: source,
      asked: `@${Math.floor(new Date(begun) / 1000)}`,
      requests: String(requests),
      keys: keys ?? undefined,
      rows,
      cached: String(cached_keys),
      age,
      seconds,
      status: failure ? "failed" : "complete",
      error: failure?.code,
    }
  })
  parts.sort((one, other) => (one.status < other.status) - (one.status > other.status))
  return { id, partial: false, parts, others: 0, canReplay: false }
}

// The panel; `askAnew` asks the same again of the sources themselves.
export function panel({ id, partial, parts, others, canReplay }, askAnew) {
  const made = new DocumentFragment()
  if (partial) made.append(missing(parts))
  const links = element("p", { class: "formats" })
  if (id) links.append(element("a", { href: ledgerAddress(id) }, words.open))
  if (canReplay) links.append(" · ", element("a", { href: replayAddress(id) }, words.replay))
  const section = element("section", { class: "told", "aria-labelledby": "told-title" })
  section.append(element("h3", { id: "told-title" }, words.panel))
  section.append(element("ul", { class: "told-parts" }, ...parts.map(shown)))
  if (others > 0) section.append(element("p", {}, filled(words.others, { count: others })))
  section.append(links)
  if (parts.some(({ age }) => age !== undefined)) {
    const button = element("button", { type: "button" }, words.fresh)
    button.addEventListener("click", askAnew)
    section.append(button)
  }
  made.append(section)
  return made
}
