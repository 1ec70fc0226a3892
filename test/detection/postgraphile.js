// PostGraphile's many-to-many plugin sees default intersect tables, without being told anything.
const { createPostGraphileSchema } = require("postgraphile");
const { Pool } = require("pg");
const manyToMany = require("@graphile-contrib/pg-many-to-many");

const pool = new Pool({ host: process.env.PGHOST, port: process.env.PGPORT, user: process.env.PGUSER, database: process.argv[2] });
const wanted = [
	["Student", /^coursesBy.*StudentCourse/],
	["Course", /^studentsBy.*StudentCourse/],
	["Course", /^oddTagsBy.*Tagged/],
	["Later", /^studentsBy.*StudentLater/],
];

createPostGraphileSchema(pool, "public", { appendPlugins: [manyToMany.default || manyToMany] })
	.then(schema => {
		let failed = 0;
		for (const [type, field] of wanted) {
			const found = Object.keys(schema.getType(type).getFields()).some(name => field.test(name));
			console.log(`${found ? "ok" : "not ok"}: ${type} has a field ${field}`);
			failed += !found;
		}
		return pool.end().then(() => process.exit(failed ? 1 : 0));
	})
	.catch(error => { console.error(error); process.exit(1); });
