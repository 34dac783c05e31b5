/** Placeholders in what a user's own server is sent: `{{message}}`, and the values that are fixed for a connection. */

/** Anything that JSON can write. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** The values of one connection, by placeholder: `index`, `room`, `uuid`, and `user.NAME` for each column of the users. */
export type Variables = Readonly<Record<string, string>>;

const placeholder = /\{\{\s*([^{}]*?)\s*\}\}/g;
const known = /^(message|index|room|uuid|user\.[A-Za-z_][\w-]*)$/;
/** Stands where the message comes in; a character that no text has (private use), so that JSON leaves it as it is. */
const messageMark = '\uE0B3';

/** The placeholders in all texts of `value`, each once, in the order of their appearance. */
export function placeholdersIn(value: Json | undefined): string[] {
  return [...new Set(textsIn(value).flatMap((text) => [...text.matchAll(placeholder)].map(([, name = '']) => name)))];
}

/** How often `{{message}}` stands in it. */
export function messagesIn(value: Json | undefined): number {
  const names = textsIn(value).flatMap((text) => [...text.matchAll(placeholder)].map(([, name]) => name));
  return names.filter((name) => name === 'message').length;
}

/** What is wrong with the placeholders in `value`, a sentence; undefined when all are known. */
export function unknownPlaceholder(value: Json): string | undefined {
  const strange = placeholdersIn(value).find((name) => !known.test(name));
  if (strange === undefined) return undefined;
  return `{{${strange}}} is no placeholder; there are {{message}}, {{index}}, {{room}}, {{uuid}} and {{user.NAME}}`;
}

/** `text` with the values of a connection; what has no value becomes nothing. */
export function fill(text: string, variables: Variables): string {
  return text.replace(placeholder, (_, name: string) => (name === 'message' ? messageMark : (variables[name] ?? '')));
}

/** `value` with the values of a connection in all its texts. */
export function fillAll(value: Json, variables: Variables): Json {
  if (typeof value === 'string') return fill(value, variables);
  if (Array.isArray(value)) return value.map((part: Json) => fillAll(part, variables));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, fillAll(part as Json, variables)]));
}

/** What stands before and after the message in a text that has been filled; without one, all of it stands before. */
export function aroundMessage(filled: string): readonly [before: string, after: string] {
  const at = filled.indexOf(messageMark);
  return at < 0 ? [filled, ''] : [filled.slice(0, at), filled.slice(at + messageMark.length)];
}

/** `value`, which has been filled, with `message` in its place. */
export function withMessage(value: Json, message: string): Json {
  if (typeof value === 'string') return value.includes(messageMark) ? value.replace(messageMark, () => message) : value;
  if (Array.isArray(value)) return value.map((part: Json) => withMessage(part, message));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withMessage(part as Json, message)]));
}

function textsIn(value: Json | undefined): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap((part: Json) => textsIn(part));
  return typeof value === 'object' && value !== null
    ? Object.values(value).flatMap((part) => textsIn(part as Json))
    : [];
}
