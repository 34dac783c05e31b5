/** A row of buttons of which one is pressed; what it stands for is drawn when it is asked for. */

import { element } from './element.js';

export interface Choice {
  readonly label: string;
  readonly draw: () => Node;
}

/** With a single choice there are no buttons. Many are a list to select from. */
export function choiceOf(name: string, choices: readonly Choice[]): HTMLElement {
  const shown = element('div', { class: 'chosen' });
  const show = (place: number): void => shown.replaceChildren(choices[place]?.draw() ?? '');
  show(0);
  if (choices.length < 2) return shown;
  return element(
    'div',
    {},
    choices.length > mostButtons ? list(name, choices, show) : buttons(name, choices, show),
    shown,
  );
}

const mostButtons = 7;

function buttons(name: string, choices: readonly Choice[], show: (place: number) => void): HTMLElement {
  const all = choices.map(({ label }, place) => {
    const button = element('button', { type: 'button', 'aria-pressed': String(place === 0) }, label);
    button.addEventListener('click', () => {
      for (const each of all) each.setAttribute('aria-pressed', String(each === button));
      show(place);
    });
    return button;
  });
  return element('div', { class: 'buttons', role: 'group', 'aria-label': name }, ...all);
}

function list(name: string, choices: readonly Choice[], show: (place: number) => void): HTMLElement {
  const select = element(
    'select',
    {},
    ...choices.map(({ label }, place) => element('option', { value: place }, label)),
  );
  select.addEventListener('change', () => show(Number(select.value)));
  return element('label', { class: 'list' }, `${name} `, select);
}
