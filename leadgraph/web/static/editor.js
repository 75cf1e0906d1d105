// The form of the endpoint -> an editor with completion, and answers in place, asked of this server
// alone. Without script the form works as it is.

import { failed, ledgerAddress, panel, read, replayAddress } from "./sources.js"
import { element, form, LANGUAGE, prefixes, term } from "./terms.js"

const { Yasqe, Yasr } = Yasgui
const field = form.elements.query
const button = form.querySelector("button")
const section = document.querySelector(".answer")
const shown = document.getElementById("shown")
const told = document.getElementById("told")
const taken = document.getElementById("taken")
const keys = document.getElementById("keys")
const words = JSON.parse(form.dataset.words)
const SCROLLED = { class: "scroll", role: "group", "aria-labelledby": "answer", tabindex: "0" }

// Addresses

function parameters() {
  return [...new FormData(form)].filter(([name]) => name !== "lang")
}

// The path that asks a query, "" if it is too long for an address.
function address(asked, ...more) {
  const path = `${form.getAttribute("action")}?${new URLSearchParams([...asked, ...more])}`
  return path.length <= Number(form.dataset.longestAddress) ? path : ""
}

// What yasr draws, in plugins of ours. Its own parser changes literals with {{ }} and knows no
// triple terms; its own table brings its style along as text, which the policy does not let in.

class Answer {
  constructor(response) {
    if (response instanceof Error) this.error = { text: response.message }
    else this.text = response.content
    const type = response.headers?.get("content-type") ?? ""
    this.told = this.error ? undefined : read(response.headers)
    this.kind = type.startsWith("text/turtle") ? "graph" : "results"
    this.read = this.error || this.kind === "graph" ? {} : JSON.parse(this.text)
  }

  getError() {
    return this.error
  }

  getBindings() {
    return this.read.results?.bindings
  }

  getResponseTime() {
    return undefined
  }
}

class Read {
  label = words.read
  priority = 10

  constructor(yasr) {
    this.yasr = yasr
  }

  canHandleResults() {
    const { results, boolean } = this.yasr.results?.read ?? {}
    return Boolean(results) || boolean !== undefined
  }

  draw() {
    const { head, results, boolean } = this.yasr.results.read
    const claim = element("p", { class: "lead" }, boolean ? words.yes : words.no)
    this.yasr.resultsEl.append(...(results ? this.table(head.vars, results.bindings) : [claim]))
  }

  table(names, bindings) {
    const body = element("tbody")
    const headings = names.map((name) => this.heading(name, bindings, names, body))
    const top = element("thead", {}, element("tr", {}, ...headings))
    const count = element("p", { class: "meta" }, words.rows.replace("{count}", bindings.length))
    if (bindings.length > Number(form.dataset.rows)) count.append(` ${words.shown}`)
    this.fill(body, bindings, names)
    return [count, element("div", SCROLLED, element("table", {}, top, body))]
  }

  heading(name, bindings, names, body) {
    const sort = element("button", { type: "button" }, element("bdi", { dir: "ltr" }, name))
    const cell = element("th", { scope: "col" }, sort)
    sort.addEventListener("click", () => {
      const down = cell.getAttribute("aria-sort") === "ascending"
      for (const other of cell.parentNode.children) other.removeAttribute("aria-sort")
      cell.setAttribute("aria-sort", down ? "descending" : "ascending")
      const sorted = [...bindings].sort((one, other) => compare(one[name], other[name]))
      this.fill(body, down ? sorted.reverse() : sorted, names)
    })
    return cell
  }

  fill(body, bindings, names) {
    const first = bindings.slice(0, Number(form.dataset.rows))
    const rows = first.map((row) =>
      element("tr", {}, ...names.map((name) => element("td", {}, term(row[name])))),
    )
    body.replaceChildren(...rows)
  }
}

function compare(one, other) {
  if (!one || !other) return Number(Boolean(one)) - Number(Boolean(other))
  const difference = Number(one.value) - Number(other.value)
  if (!Number.isNaN(difference)) return difference
  return String(one.value).localeCompare(String(other.value), LANGUAGE, { numeric: true })
}

class Raw {
  label = words.raw
  priority = 2

  constructor(yasr) {
    this.yasr = yasr
  }

  canHandleResults() {
    return this.yasr.results?.text !== undefined
  }

  draw() {
    const { text } = this.yasr.results
    const most = Number(form.dataset.characters)
    const pre = element("pre", { ...SCROLLED, class: "scroll wrapped", dir: "ltr" })
    pre.append(element("code", {}, text.slice(0, most)))
    this.yasr.resultsEl.append(pre)
    if (text.length > most) this.yasr.resultsEl.append(element("p", { class: "notice" }, words.cut))
  }
}

function problem({ text }) {
  const notice = element("p", { class: "notice", dir: "ltr" })
  try {
    const { status, code, detail, ledger } = JSON.parse(text)
    const about = element("a", { href: `${form.dataset.problems}#${code}` }, `${status} · ${code}`)
    notice.lang = "en"
    notice.append(about, `: ${detail}`)
    if (ledger) {
      const { open } = words.told
      const href = ledgerAddress(new URL(ledger).pathname.split("/").pop())
      notice.append(" ", element("a", { href, lang: LANGUAGE, dir: "auto" }, open))
    }
  } catch {
    notice.dir = "auto"
    notice.append(words.broken)
  }
  return Promise.resolve(notice)
}

Yasr.registerPlugin("table", Read)
delete Yasr.defaults.plugins.boolean
Yasr.registerPlugin("response", Raw)

// Completion: our prefixes, and the classes and properties that the VoID description counts

const TERMS = {
  class: "void:classPartition/void:class",
  property: "void:propertyPartition/void:property",
}
const known = {}

async function terms(kind) {
  const query = `PREFIX void: <${prefixes.void}>
SELECT DISTINCT ?term { ?dataset ${TERMS[kind]} ?term } ORDER BY ?term`
  const found = await fetch(`${form.action}?${new URLSearchParams({ query })}`, {
    headers: { Accept: "application/sparql-results+json" },
  })
  if (!found.ok) throw new Error(await found.text())
  return (await found.json()).results.bindings.map(({ term }) => term.value)
}

for (const kind of Object.keys(TERMS)) {
  Yasqe.registerAutocompleter({
    ...Yasqe.Autocompleters[kind],
    autoShow: true,
    async get(_yasqe, token) {
      known[kind] ??= terms(kind)
      return (await known[kind]).filter((iri) => iri.startsWith(token.autocompletionString))
    },
  })
}
Yasqe.registerAutocompleter({
  ...Yasqe.Autocompleters.prefixes,
  persistenceId: null,
  get: () => Object.entries(prefixes).map(([prefix, iri]) => `${prefix}: <${iri}>`),
})

// The editor in the place of the text area, which keeps the text for the form

const holder = element("div", { class: "editor", dir: "ltr" })
field.before(holder)
let anew = false
const accepted = "application/sparql-results+json, text/turtle;q=0.9"
const yasqe = new Yasqe(holder, {
  value: field.value,
  persistenceId: null,
  consumeShareLink: null,
  createShareableLink: null,
  showQueryButton: false,
  resizeable: false,
  editorHeight: "auto",
  viewportMargin: Infinity,
  extraKeys: { Tab: false, "Shift-Tab": false },
  requestConfig: {
    endpoint: form.action,
    method: () => (address(parameters()) ? "GET" : "POST"),
    queryArgument: "query",
    headers: () => (anew ? { "Cache-Control": "no-cache" } : {}),
    acceptHeaderSelect: accepted,
    acceptHeaderGraph: accepted,
    args: () =>
      parameters()
        .filter(([name]) => name !== "query")
        .map(([name, value]) => ({ name, value })),
  },
})
yasqe.getInputField().setAttribute("aria-label", words.query)
yasqe.getInputField().setAttribute("aria-describedby", "keys")
form.querySelector("label").addEventListener("click", () => yasqe.focus())
field.hidden = true
keys.hidden = false

yasqe.on("autocompletionShown", (_yasqe, widget) => {
  widget.hints.setAttribute("aria-label", words.names)
})

function mark() {
  for (const icon of holder.querySelectorAll(".parseErrorIcon")) {
    icon.onmouseover = icon.onmouseout = null
    icon.title = words.wrong
  }
}

yasqe.on("changes", () => {
  field.value = yasqe.getValue()
  mark()
})
mark()

// Asking and answering

let yasr
let asked
let running
let latest
const status = element("p", { class: "meta", role: "status" })
section.before(status)

function draw(answer) {
  if (!yasr) {
    shown.replaceChildren()
    yasr = new Yasr(shown, { persistenceId: null, errorRenderers: [problem] })
    yasr.headerEl.replaceChildren(yasr.headerEl.querySelector(".yasr_btnGroup"))
    yasr.fallbackInfoEl.remove()
  }
  yasr.results = answer
  yasr.draw()
}

function keep() {
  const lang = form.elements.lang ? [["lang", form.elements.lang.value]] : []
  history.replaceState(null, "", address(asked, ...lang) || form.action)
  for (const link of document.querySelectorAll("a[hreflang]")) {
    const path = address(asked, ["lang", link.hreflang])
    if (path) link.href = path
  }
}

function take(answer) {
  taken.replaceChildren()
  if (answer.error || !address(asked)) return
  taken.append(document.querySelector(`template[data-kind=${answer.kind}]`).content.cloneNode(true))
  const replay = answer.told?.canReplay && answer.told.id // a file is what was received, not asked anew
  for (const link of taken.querySelectorAll("a")) {
    const { format } = link.dataset
    link.href = address(asked) + (format ? `&format=${format}` : "")
    if (format && replay) link.href = replayAddress(replay, { format })
  }
}

function tell(answer) {
  told.replaceChildren()
  if (answer.told) told.append(panel(answer.told, () => ask({ fresh: true })))
}

// Under the error, what others were asked before it.
async function tellOfFailure(answer) {
  try {
    const { ledger } = JSON.parse(answer.error.text)
    const made = ledger && panel(await failed(ledger), () => ask({ fresh: true }))
    if (made && answer === latest) taken.append(made)
  } catch {} // the error itself is shown, and leads to the ledger
}

function busy(controller) {
  running = controller
  button.textContent = controller ? words.stop : words.ask
  status.textContent = controller ? words.asking : ""
}

yasqe.on("query", (_yasqe, _request, controller) => {
  asked = parameters()
  keep()
  busy(controller)
})
yasqe.on("queryResponse", (_yasqe, response) => {
  const stopped = response.name === "AbortError"
  if (stopped && !running.signal.aborted) return // another one was asked in its place
  busy()
  if (stopped) return
  const answer = new Answer(response)
  section.hidden = false
  tell(answer)
  draw(answer)
  take(answer)
  latest = answer
  if (answer.error) tellOfFailure(answer)
  if (section.getBoundingClientRect().top > 0.8 * innerHeight) section.scrollIntoView()
})

function ask({ fresh = false } = {}) {
  anew = fresh
  yasqe.query().catch(() => {}) // the answer to "queryResponse" tells of it
  anew = false
}

form.addEventListener("submit", (event) => {
  if (event.submitter?.name === "format") return
  event.preventDefault()
  if (running) running.abort()
  else ask()
})
for (const link of document.querySelectorAll("a[data-example]")) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    yasqe.setValue(new URL(link.href).searchParams.get("query"))
    ask()
  })
}
