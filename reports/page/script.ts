/** The script of a page: the compiled modules of `client/` as one plain script, each in a scope of its own behind those that it imports. */

import { readFileSync } from 'node:fs';

const reportMain = new URL('./client/main.js', import.meta.url);

/** @param main the module that draws the page. */
export function pageScript(main = reportMain): string {
  const names = new Map<string, string>();
  const texts: string[] = [];
  collect(main, names, texts);
  return `'use strict';\n${texts.join('\n')}`;
}

/** @param names what stands in the script for a module, by its address. @returns that of this one. */
function collect(module: URL, names: Map<string, string>, texts: string[]): string {
  const known = names.get(module.href);
  if (known !== undefined) return known;
  const text = readFileSync(module, 'utf8');
  const body = text
    .replace(importLine, (_, imported: string, specifier: string) => {
      const from = collect(new URL(specifier, module), names, texts);
      return `const {${imported.replaceAll(' as ', ': ')}} = ${from};\n`;
    })
    // Comments are for whoever reads the source; that of escapes names what no output may hold.
    .replace(/^ *(\/\*\*[\s\S]*?\*\/|\/\/.*)\n/gm, '')
    .replace(/^export (?=const|function|class)/gm, '')
    .replace(/^(export \{\};|\/\/# sourceMappingURL=.*)\n?/gm, '');
  const exported = [...text.matchAll(/^export (?:const|function|class) (\w+)/gm)].map(([, name]) => name);
  const name = `module${names.size}`;
  names.set(module.href, name);
  texts.push(`const ${name} = (() => {\n${body}\nreturn { ${exported.join(', ')} };\n})();`);
  return name;
}

/** As the compiler writes it: on one line or several. */
const importLine = /^import \{([^}]*)\} from '(\.[^']+)';\n/gm;
