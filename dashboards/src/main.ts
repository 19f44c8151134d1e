// Writes every board into a folder: node build/main.js json
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alerts } from './alerts';
import { container } from './container';
import { node } from './node';
import { overview } from './overview';
import { pipeline } from './pipeline';
import { service } from './service';

const folder = process.argv[2];
if (!folder) throw new Error('main.js wants the folder to write to');
mkdirSync(folder, { recursive: true });
for (const made of [overview(), node(), service(), container(), alerts(), pipeline()]) {
  const text = JSON.stringify(made, (_, value: unknown) => (typeof value === 'function' ? undefined : value), 2);
  writeFileSync(join(folder, `${made.uid}.json`), `${text}\n`);
}
