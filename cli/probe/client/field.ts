/** Fields of a form, each in a label of its own. */

import { element } from '../../../reports/page/client/element.js';

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Of code: nothing corrects or completes what is typed. */
const asTyped = { autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false' } as const;

export function labelled(name: string, field: Node, hint = ''): HTMLLabelElement {
  const told = hint === '' ? undefined : element('span', { class: 'quiet' }, ` ${hint}`);
  return element('label', { class: 'field' }, element('span', {}, name, told), field);
}

export function line(value: string, attributes: Attributes = {}): HTMLInputElement {
  return element('input', { type: 'text', value, ...asTyped, ...attributes });
}

export function area(value: string, attributes: Attributes = {}): HTMLTextAreaElement {
  return element('textarea', { rows: 2, ...asTyped, ...attributes }, value);
}

export function select<Value extends string>(
  choices: Readonly<Record<Value, string>>,
  chosen: Value,
): HTMLSelectElement {
  const options = Object.entries<string>(choices).map(([value, text]) =>
    element('option', { value, selected: value === chosen }, text),
  );
  return element('select', {}, ...options);
}

export function checkbox(
  name: string,
  checked: boolean,
): { readonly box: HTMLInputElement; readonly label: HTMLElement } {
  const box = element('input', { type: 'checkbox', checked });
  return { box, label: element('label', { class: 'check' }, box, ` ${name}`) };
}

export function button(text: string, press?: () => void): HTMLButtonElement {
  const made = element('button', { type: press ? 'button' : 'submit' }, text);
  if (press) made.addEventListener('click', press);
  return made;
}

/** Calls `submit` in place of sending it anywhere. */
export function form(label: string, submit: () => void, ...children: readonly Node[]): HTMLFormElement {
  const made = element('form', { 'aria-label': label }, ...children);
  made.addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });
  return made;
}
