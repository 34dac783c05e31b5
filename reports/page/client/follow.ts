/** Follows a run: draws the page again with what the server of the run sends, until the run has ended. */

import type { Page, Section } from '../page.js';
import { element } from './element.js';

/** @param address of a stream of server-sent events: `status` holds a section of the page, `report` and `end` a whole page. */
export function follow(address: string, draw: (page: Page) => void, sectionOf: (section: Section) => Node): void {
  const events = new EventSource(address);
  const on = <Data>(name: string, use: (data: Data) => void): void =>
    events.addEventListener(name, ({ data }) => use(JSON.parse(data) as Data));
  const drawInPlace = (page: Page): void => {
    const top = scrollY;
    draw(page);
    scrollTo({ top, behavior: 'instant' });
  };
  on<Section>('status', (section) => document.getElementById(section.id)?.replaceWith(sectionOf(section)));
  on<Page>('report', drawInPlace);
  on<Page>('end', (page) => {
    events.close();
    drawInPlace(page);
  });
  events.addEventListener('error', () => {
    // The run that was followed is over; another may have its port.
    events.close();
    const text = 'bench does not answer any more: the run has ended without a report, or was stopped.';
    document.querySelector('main')?.prepend(element('p', { class: 'lost', role: 'alert' }, text));
  });
}
