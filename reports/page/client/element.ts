/** Makes elements of HTML and SVG: texts become text nodes and never markup. */

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;
type Child = Node | string | undefined;

const svgNamespace = 'http://www.w3.org/2000/svg';

export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  return filled(document.createElement(name), attributes, children);
}

export function svg<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Name] {
  return filled(document.createElementNS(svgNamespace, name), attributes, children);
}

function filled<Made extends Element>(made: Made, attributes: Attributes, children: readonly Child[]): Made {
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : String(value));
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/** A text as children: what stands between backticks, a flag for example, is code. */
export function written(text: string): Child[] {
  return text.split(/`([^`]+)`/).map((part, i) => (i % 2 === 1 ? element('code', {}, part) : part));
}

/** Summaries that a reader has opened: a page that is drawn again keeps them open. */
const opened = new Set<string>();

/** Closed until it is opened, with a summary that says what is in it. */
export function details(summary: string, ...children: readonly Child[]): HTMLDetailsElement {
  const made = element('details', { open: opened.has(summary) }, element('summary', {}, summary), ...children);
  made.addEventListener('toggle', () => {
    if (made.open) opened.add(summary);
    else opened.delete(summary);
  });
  return made;
}

/** A box that its keyboard user can scroll sideways, for what may be wider than a phone. */
export function scrolling(label: string, child: Node): HTMLElement {
  return element('div', { class: 'wide', tabindex: 0, role: 'region', 'aria-label': label }, child);
}
