/** A row of buttons of which one is pressed; what it stands for is drawn when it is asked for. */

import { element } from './element.js';

export interface Choice {
  readonly label: string;
  readonly draw: () => Node;
}

/** Labels by the name of their row: a page that is drawn again keeps what was chosen. */
const chosen = new Map<string, string>();

/** With a single choice there are no buttons. Many are a list to select from. */
export function choiceOf(name: string, choices: readonly Choice[]): HTMLElement {
  const shown = element('div', { class: 'chosen' });
  const show = (place: number): void => shown.replaceChildren(choices[place]?.draw() ?? '');
  const first = Math.max(
    0,
    choices.findIndex(({ label }) => label === chosen.get(name)),
  );
  show(first);
  if (choices.length < 2) return shown;
  const choose = (place: number): void => {
    chosen.set(name, choices[place]?.label ?? '');
    show(place);
  };
  const draw = choices.length > mostButtons ? list : buttons;
  return element('div', {}, draw(name, choices, first, choose), shown);
}

const mostButtons = 7;

type Choose = (place: number) => void;

function buttons(name: string, choices: readonly Choice[], first: number, choose: Choose): HTMLElement {
  const all = choices.map(({ label }, place) => {
    const button = element('button', { type: 'button', 'aria-pressed': String(place === first) }, label);
    button.addEventListener('click', () => {
      for (const each of all) each.setAttribute('aria-pressed', String(each === button));
      choose(place);
    });
    return button;
  });
  return element('div', { class: 'buttons', role: 'group', 'aria-label': name }, ...all);
}

function list(name: string, choices: readonly Choice[], first: number, choose: Choose): HTMLElement {
  const select = element(
    'select',
    {},
    ...choices.map(({ label }, place) => element('option', { value: place, selected: place === first }, label)),
  );
  select.addEventListener('change', () => choose(Number(select.value)));
  return element('label', { class: 'list' }, `${name} `, select);
}
