// A term of an answer -> nodes of the page, never markup: what stands in an answer cannot run.

export const form = document.getElementById("ask")
export const prefixes = JSON.parse(form.dataset.prefixes)
export const LANGUAGE = document.documentElement.lang

export function element(name, attributes = {}, ...content) {
  const made = document.createElement(name)
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value)
  made.append(...content)
  return made
}

// Where this server shows a thing: the data keep their canonical IRIs, only links lead here.
function place(iri) {
  if (!/^https?:\/\//.test(iri)) return ""
  if (!iri.startsWith(form.dataset.base)) return iri
  const here = new URL(form.action.replace(/sparql$/, "") + iri.slice(form.dataset.base.length))
  if (form.elements.lang) here.searchParams.set("lang", form.elements.lang.value)
  return here.href
}

function shorten(iri) {
  for (const [prefix, namespace] of Object.entries(prefixes)) {
    const local = iri.slice(namespace.length)
    if (iri.startsWith(namespace) && /^[\w-]+$/.test(local)) return `${prefix}:${local}`
  }
  return iri
}

function iri({ value }) {
  const name = element("bdi", { dir: "ltr" }, shorten(value))
  const href = place(value)
  if (!href) return name
  return element("a", { href, title: value, rel: "nofollow noopener" }, name)
}

function literal({ value, datatype = "", "xml:lang": language = "" }) {
  const run = () => element("bdi", language ? { lang: language } : {}, value)
  const start = element("bdi", language ? { lang: language } : {}, `${value.slice(0, 120)}…`)
  const made = new DocumentFragment()
  made.append(
    value.length > 280
      ? element("details", {}, element("summary", {}, start), element("p", {}, run()))
      : run(),
  )
  const tag = language !== LANGUAGE && language
  const type = datatype && !datatype.startsWith(prefixes.xsd) && shorten(datatype)
  if (tag || type) made.append(" ", element("span", { class: "tag" }, tag || type))
  return made
}

export function term(found) {
  if (!found) return ""
  if (found.type === "uri") return iri(found)
  if (found.type === "bnode") return element("bdi", { dir: "ltr" }, `_:${found.value}`)
  if (found.type !== "triple") return literal(found)
  const { subject, predicate, object } = found.value
  return element("span", {}, "<<( ", term(subject), " ", term(predicate), " ", term(object), " )>>")
}
