// parse.mjs FORMAT NODE_MODULES FILE...: reads diagrams with the real parser, and compares the names that it finds in
// those of all columns (FILE.names) with the true ones.
import { createRequire } from 'module';
import fs from 'fs';
import path from 'path';

const [format, modules, ...files] = process.argv.slice(2);
const require = createRequire(path.join(modules, 'here.js'));
const load = file => import(path.join(modules, file));

// each: text -> [[title, [column, ...]], ...], [[table, table], ...] of the edges
const parsers = {
	async mermaid() {
		const { JSDOM } = require('jsdom');
		const dom = new JSDOM('<html><body></body></html>');
		global.window = dom.window;
		global.document = dom.window.document;
		const mermaid = (await load('mermaid/dist/mermaid.core.mjs')).default;
		mermaid.initialize({ startOnLoad: false });
		// what Mermaid makes of #number; until it draws
		const decode = s => s.replace(/ﬂ°°(\d+)¶ß/g, (_, n) => String.fromCodePoint(+n));
		return async text => {
			const db = (await mermaid.mermaidAPI.getDiagramFromText(text)).db;
			const entities = [...db.getEntities()];
			const title = new Map(entities.map(([name, e]) => [e.id, decode(e.alias || name)]));
			return [entities.map(([, e]) => [title.get(e.id), e.attributes.map(a => decode(a.comment || a.name))]),
				db.getRelationships().map(r => [title.get(r.entityA), title.get(r.entityB)])];
		};
	},
	async dbml() {
		const { Parser } = require('@dbml/core');
		return async text => {
			const database = new Parser().parse(text, 'dbmlv2');
			const title = t => (text.includes(`"${t.schema.name}".`) ? t.schema.name + '.' : '') + t.name;
			return [database.schemas.flatMap(s => s.tables).map(t => [title(t), t.fields.map(f => f.name)]),
				database.schemas.flatMap(s => s.refs).map(r => r.endpoints.map(e => e.tableName))];
		};
	},
	async d2() {
		const { D2 } = await load('@terrastruct/d2/dist/node-esm/index.js').catch(() => require('@terrastruct/d2'));
		const d2 = new D2();
		return async text => {
			const diagram = (await d2.compile(text)).diagram;
			return [diagram.shapes.map(s => [s.label, (s.columns || []).map(c => c.name.label)]),
				diagram.connections.map(c => [c.src, c.dst])];
		};
	},
	async json() {
		const Ajv = require('ajv/dist/2020').default;
		const schema = process.env.RELMETA_TBLS_SCHEMA || path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), 'tbls.json');
		const validate = new Ajv({ allErrors: true }).compile(JSON.parse(fs.readFileSync(schema)));
		return async text => {
			const document = JSON.parse(text);
			if (!validate(document)) throw new Error(JSON.stringify(validate.errors));
			const named = new Map(document.tables.map(t => [t.name, t.columns.map(c => c.name)]));
			for (const r of document.relations)
				for (const [table, columns] of [[r.table, r.columns], [r.parent_table, r.parent_columns]])
					for (const column of columns)
						if (!named.get(table)?.includes(column)) throw new Error(`no column ${table}.${column}`);
			return [[...named], document.relations.map(r => [r.table, r.parent_table])];
		};
	}
};

let failed = 0;
const parse = await parsers[format]();
for (const file of files) {
	try {
		const [tables, edges] = await parse(fs.readFileSync(file, 'utf8'));
		if (tables.length === 0 || edges.length === 0) throw new Error('it is empty');
		const names = file + '.names';
		if (!fs.existsSync(names)) continue;
		// differing by case is more than d2 can say
		const plain = s => s.replace(/ \(\d+\)$/, '');
		const found = tables.map(([title, columns]) => [title, columns.map(plain).sort()]);
		for (const [name, columns] of JSON.parse(fs.readFileSync(names))) {
			const it = found.find(([title]) => title === name || title === name.replace(/^[^.]*\./, ''));
			if (!it) throw new Error(`table ${name} is not in it`);
			if (JSON.stringify(it[1]) !== JSON.stringify(columns.sort()))
				throw new Error(`table ${name} has ${it[1].join(' | ')} and not ${columns.join(' | ')}`);
		}
	} catch (e) {
		failed++;
		console.log(`${path.basename(file)}: ${e.diags ? e.diags.map(d => d.message).join('; ') : e.message ?? e}`);
	}
}
process.exit(failed ? 1 : 0);
