/*
 * dataverse_menu.c
 *		Dataverse's AssociatedMenuConfiguration: how a list of related rows is shown.
 */
#include "show/dataverse.h"

#include "utils/builtins.h"
#include "utils/numeric.h"

/* A label is a string, or, of the Web API, an object with one for each language: the user's. */
static char *
label_of(const ShowNode *configuration)
{
	ShowNode   *label = show_member(configuration, "Label");

	if (show_is_object(label))
	{
		ShowNode   *localized = show_member(label, "UserLocalizedLabel");

		label = show_is_null(localized) ? NULL : show_member(localized, "Label");
	}
	return show_text(label);
}

static const char *
display_of(const ShowNode *configuration, const char *label)
{
	char	   *behavior = show_text(show_member(configuration, "Behavior"));

	if (behavior && pg_strcasecmp(behavior, "DoNotDisplay") == 0)
		return "none";
	return behavior && pg_strcasecmp(behavior, "UseLabel") == 0 && label && label[0] ? "label" : "collection_name";
}

bool
show_dataverse_menu(DataverseRelationship *r, const char *name, int side)
{
	const char *key = !r->is_many_to_many ? "AssociatedMenuConfiguration" : side == 1 ?
	"Entity1AssociatedMenuConfiguration" : "Entity2AssociatedMenuConfiguration";
	ShowNode   *configuration = show_member(r->node, key);
	ShowNode   *order;
	ShowMenu	menu = {.side = side};

	if (show_is_null(configuration))
		return false;
	order = show_member(configuration, "Order");
	menu.label = label_of(configuration);
	menu.display = display_of(configuration, menu.label);
	menu.group = show_text(show_member(configuration, "Group"));
	menu.has_order = show_is_integer(order);
	if (menu.has_order)
		menu.order = DatumGetInt32(DirectFunctionCall1(numeric_int4, NumericGetDatum(order->value.val.numeric)));
	return show_set_menu(name, &menu);
}
