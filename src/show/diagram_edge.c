/*
 * diagram_edge.c
 *		A relationship as it is drawn: its two ends, and what is written on it.
 */
#include "show/diagram.h"
#include "model/key.h"

#include "utils/builtins.h"

/* "parental", or what it does: "assign active, delete restrict" */
static char *
behaviors_text(const ModelBehavior *behavior)
{
	const char *preset = model_preset_of(behavior);
	StringInfoData text;

	if (strcmp(preset, "custom") != 0)
		return pstrdup(preset);
	initStringInfo(&text);
	for (int i = 0; i < MODEL_ACTIONS; i++)
	{
		/* what every preset says needs no saying */
		if (behavior[i] == (i == ACTION_MERGE ? BEHAVIOR_ALL : BEHAVIOR_NONE))
			continue;
		appendStringInfo(&text, "%s%s %s", text.len ? ", " : "", model_action_name(i),
						 model_behavior_name(behavior[i]));
	}
	return text.data;
}

/* Has the lookup other targets, too? */
static bool
has_other_targets(ModelRelationship *r)
{
	ListCell   *lc;

	foreach(lc, model_as_related(r->related))
	{
		ModelRelationship *other = lfirst(lc);

		if (other != r && model_columns_equal(&other->lookup, &r->lookup))
			return true;
	}
	return false;
}

DiagramEdge *
show_diagram_edge(DiagramTable *primary, DiagramTable *related, ModelRelationship *r, bool behaviors)
{
	DiagramEdge *edge = palloc0(sizeof(DiagramEdge));
	DiagramColumn *lookup = show_diagram_key(related, &r->lookup);
	DiagramColumn *type = r->type_column.name ? show_diagram_column(related, r->type_column.name) : NULL;

	edge->name = r->name;
	edge->is_multi_table = type != NULL;
	if (type)
		edge->note = psprintf("%s = %s", r->type_column.name, r->type_value);
	else if (r->is_hierarchical)
		edge->note = "hierarchy";
	if (behaviors)
		edge->behaviors = behaviors_text(r->behavior);
	edge->end[0].table = primary;
	edge->end[0].column = show_diagram_key(primary, &r->primary->key);
	edge->end[0].mandatory = model_columns_not_null(&r->lookup) && !has_other_targets(r);
	edge->end[1].table = related;
	edge->end[1].column = lookup;
	edge->end[1].many = lookup == NULL || !show_diagram_unique(related, lookup, type);
	edge->foreign_key = r->foreign_key;
	edge->on_delete = r->behavior[ACTION_DELETE];
	return edge;
}

static DiagramColumn *
key_column(DiagramTable *table)
{
	ListCell   *lc;

	foreach(lc, table->columns)
	{
		if (((DiagramColumn *) lfirst(lc))->is_key)
			return lfirst(lc);
	}
	return NULL;
}

DiagramEdge *
show_diagram_link(DiagramTable *table1, DiagramTable *table2, ModelIntersect *link)
{
	DiagramEdge *edge = palloc0(sizeof(DiagramEdge));

	edge->name = link->name;
	edge->note = !OidIsValid(link->relid) ? "pending" : link->is_symmetric ? "symmetric" : NULL;
	edge->end[0] = (DiagramEnd)
	{
		table1, key_column(table1), false, true
	};
	edge->end[1] = (DiagramEnd)
	{
		table2, key_column(table2), false, true
	};
	edge->is_link = true;
	edge->on_delete = BEHAVIOR_NONE;
	return edge;
}

DiagramEdge *
show_diagram_link_end(DiagramTable *table, DiagramTable *intersect, ModelIntersect *link, int side)
{
	DiagramEdge *edge = palloc0(sizeof(DiagramEdge));

	edge->name = link->name;
	edge->end[0] = (DiagramEnd)
	{
		table, key_column(table), true, false
	};
	edge->end[1] = (DiagramEnd)
	{
		intersect, show_diagram_key(intersect, &link->column[side]), false, true
	};
	edge->foreign_key = true;
	edge->on_delete = BEHAVIOR_ALL;
	return edge;
}

bool
show_diagram_is_referenced(Diagram *diagram, DiagramColumn *column)
{
	ListCell   *lc;

	foreach(lc, diagram->edges)
	{
		DiagramEdge *edge = lfirst(lc);

		if (edge->end[0].column == column || edge->end[1].column == column)
			return true;
	}
	return false;
}

char *
show_diagram_label(DiagramEdge *edge)
{
	return psprintf("%s%s%s%s%s%s", edge->name, edge->note ? " (" : "", edge->note ? edge->note : "",
					edge->note ? ")" : "", edge->behaviors ? ": " : "", edge->behaviors ? edge->behaviors : "");
}

const char *
show_diagram_min_max(DiagramEdge *edge, int end)
{
	DiagramEnd *other = &edge->end[1 - end];

	return other->mandatory ? (other->many ? "(1,N)" : "(1,1)") : (other->many ? "(0,N)" : "(0,1)");
}

const char *
show_diagram_multiplicity(DiagramEdge *edge, int end)
{
	DiagramEnd *it = &edge->end[end];

	return it->mandatory ? (it->many ? "1..*" : "1") : (it->many ? "0..*" : "0..1");
}
