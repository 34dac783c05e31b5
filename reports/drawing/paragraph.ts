/** Running text on a terminal: escaped, broken between words, with a hanging indent. */

import { terminalText } from './escaping.js';

/** @returns lines of at most `width` columns, the first after `lead`, the others indented by as much. */
export function paragraph(text: string, width: number, lead = ''): string[] {
  const room = Math.max(10, width - lead.length);
  const lines: string[] = [];
  let line = '';
  for (const word of terminalText(text)
    .split(' ')
    .flatMap((long) => pieces(long, room))) {
    if (line === '') line = word;
    else if (line.length + 1 + word.length <= room) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  lines.push(line);
  return lines.map((each, i) => (i === 0 ? lead : ' '.repeat(lead.length)) + each);
}

/** A word that fits no line is broken; one that does is left whole. */
function pieces(word: string, room: number): string[] {
  const characters = [...word];
  const broken = [];
  for (let at = 0; at < characters.length; at += room) broken.push(characters.slice(at, at + room).join(''));
  return broken;
}
