/*
 * import_menu.c
 *		How associated lists are shown: SEMANTICS 2.7, set_menu().
 *
 * What nothing was said of is shown under the name of the table that is listed;
 * saying just that is as saying nothing, and is not exported.
 */
#include "show/document.h"

#include "utils/builtins.h"
#include "utils/numeric.h"

static const char *const menu_keys[] = {"side", "display", "label", "menu_group", "menu_order", NULL};

static bool
is_said(const ShowMenu *menu)
{
	return strcmp(menu->display, "collection_name") != 0 || menu->label || menu->group || menu->has_order;
}

static void
add_menu(ShowCall *call, const char *relationship, const ShowMenu *menu)
{
	show_argument_text(call, relationship);
	show_argument_int(call, menu->side, false);
	show_argument_text(call, menu->display);
	show_argument_text(call, menu->label);
	show_argument_text(call, menu->group);
	show_argument_int(call, menu->order, !menu->has_order);
}

/* Is it so already?  A row says otherwise, or none does though something is to be said. */
static bool
is_shown_so(const char *relationship, const ShowMenu *menu)
{
	ShowCall	call = {0};
	char	   *same;

	add_menu(&call, relationship, menu);
	same = show_call(&call, "SELECT (display, label, menu_group, menu_order) IS NOT DISTINCT FROM ($3, $4, $5, $6)"
					 " FROM relmeta.menus WHERE relationship = $1 AND side = $2");
	return same ? strcmp(same, "t") == 0 : !is_said(menu);
}

bool
show_set_menu(const char *relationship, const ShowMenu *menu)
{
	ShowCall	call = {0};

	if (is_shown_so(relationship, menu))
		return false;
	add_menu(&call, relationship, menu);
	(void) show_call(&call, "SELECT relmeta.set_menu($1, $2, $3, $4, $5, $6)");
	return true;
}

static int
read_int(const ShowNode *node)
{
	Datum		number;

	if (node->value.type != jbvNumeric)
		show_refuse(node, "a number is expected");
	number = NumericGetDatum(node->value.val.numeric);
	if (!show_is_integer(node))
		show_refuse(node, "an integer is expected");
	return DatumGetInt32(DirectFunctionCall1(numeric_int4, number));
}

/* The side of an element of "menus" */
static int
side_of(const ShowNode *node)
{
	ShowNode   *side = show_member_required(node, "side");
	int			number = read_int(side);

	if (number != 1 && number != 2)
		show_refuse(side, "a relationship has sides 1 and 2");
	return number;
}

static void
read_menu(const ShowNode *node, ShowMenu *menu)
{
	ShowNode   *display = show_member(node, "display");
	ShowNode   *order = show_member(node, "menu_order");

	if (!show_is_null(display))
		menu->display = show_text(display);
	menu->label = show_text(show_member(node, "label"));
	menu->group = show_text(show_member(node, "menu_group"));
	menu->has_order = !show_is_null(order);
	if (menu->has_order)
		menu->order = read_int(order);
}

/* Of both sides; one that is not named is as if nothing was ever said of it. */
void
show_import_menus(const ShowNode *relationship, const char *name, ShowRow *row)
{
	ShowNode   *node = show_member(relationship, "menus");
	ShowMenu	menus[] = {{.side = 1,.display = "collection_name"}, {.side = 2,.display = "collection_name"}};
	ListCell   *lc;

	if (node == NULL)
		return;
	foreach(lc, show_elements(node))
	{
		ShowNode   *menu = lfirst(lc);

		show_check_keys(menu, menu_keys);
		read_menu(menu, &menus[side_of(menu) - 1]);
	}
	for (int i = 0; i < 2; i++)
	{
		if (show_set_menu(name, &menus[i]))
			show_report_change(row, "the menu of side %d is set", menus[i].side);
	}
}
