/*
 * document.c
 *		Reading jsonb, place by place.
 */
#include "show/document.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"

/* how much of a text is shown in a message */
#define SHOWN 80

static ShowNode *
make_node(const ShowNode *parent, const char *key, int index, const JsonbValue *value)
{
	ShowNode   *node = palloc0(sizeof(ShowNode));

	node->parent = parent;
	node->key = key;
	node->index = index;
	node->value = *value;
	return node;
}

ShowNode *
show_document(Jsonb *document)
{
	JsonbValue	value;

	if (JB_ROOT_IS_SCALAR(document))
		value = *getIthJsonbValueFromContainer(&document->root, 0);
	else
	{
		value.type = jbvBinary;
		value.val.binary.data = &document->root;
		value.val.binary.len = VARSIZE(document) - VARHDRSZ;
	}
	return make_node(NULL, NULL, 0, &value);
}

/* ---- errors ---- */

/* len bytes of value, less where that is long */
static char *
shown(const char *value, int len)
{
	bool		is_long = len > SHOWN;

	if (is_long)
		len = pg_mbcliplen(value, len, SHOWN);
	return psprintf("%.*s%s", len, value, is_long ? "..." : "");
}

char *
show_quoted(const char *value)
{
	return psprintf("\"%s\"", shown(value, strlen(value)));
}

char *
show_path(const ShowNode *node)
{
	if (node->parent == NULL)
		return "$";
	if (node->key == NULL)
		return psprintf("%s[%d]", show_path(node->parent), node->index);
	return psprintf("%s.%s", show_path(node->parent), shown(node->key, strlen(node->key)));
}

void
show_refuse(const ShowNode *node, const char *format,...)
{
	StringInfoData message;

	initStringInfo(&message);
	for (;;)
	{
		va_list		args;
		int			needed;

		va_start(args, format);
		needed = appendStringInfoVA(&message, format, args);
		va_end(args);
		if (needed == 0)
			break;
		enlargeStringInfo(&message, needed);
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s: %s", show_path(node), message.data)));
}

void
show_at(const ShowNode *node, void (*action) (void *), void *arg)
{
	MemoryContext cxt = CurrentMemoryContext;

	PG_TRY();
	{
		action(arg);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(cxt);
		error = CopyErrorData();
		FlushErrorState();
		if (strncmp(error->message, "$", 1) != 0)
			error->message = psprintf("%s: %s", show_path(node), error->message);
		ReThrowError(error);
	}
	PG_END_TRY();
}

/* ---- what a node is ---- */

bool
show_is_null(const ShowNode *node)
{
	return node == NULL || node->value.type == jbvNull;
}

bool
show_is_object(const ShowNode *node)
{
	return node && node->value.type == jbvBinary && JsonContainerIsObject(node->value.val.binary.data);
}

bool
show_is_array(const ShowNode *node)
{
	return node && node->value.type == jbvBinary && JsonContainerIsArray(node->value.val.binary.data);
}

bool
show_is_string(const ShowNode *node)
{
	return node && node->value.type == jbvString;
}

bool
show_is_integer(const ShowNode *node)
{
	Datum		number;
	char	   *digits;

	if (node == NULL || node->value.type != jbvNumeric)
		return false;
	number = NumericGetDatum(node->value.val.numeric);
	digits = DatumGetCString(DirectFunctionCall1(numeric_out, number));
	return strspn(digits, "-0123456789") == strlen(digits) && strlen(digits) < 11 &&
		strtoll(digits, NULL, 10) >= PG_INT32_MIN && strtoll(digits, NULL, 10) <= PG_INT32_MAX;
}

/* ---- objects and arrays ---- */

static void
require_object(const ShowNode *node)
{
	if (!show_is_object(node))
		show_refuse(node, "an object is expected");
}

ShowNode *
show_member(const ShowNode *node, const char *key)
{
	JsonbValue	name = {.type = jbvString};
	JsonbValue *value;

	if (node == NULL)
		return NULL;
	require_object(node);
	name.val.string.val = unconstify(char *, key);
	name.val.string.len = strlen(key);
	value = findJsonbValueFromContainer(node->value.val.binary.data, JB_FOBJECT, &name);
	return value ? make_node(node, key, 0, value) : NULL;
}

ShowNode *
show_member_required(const ShowNode *node, const char *key)
{
	ShowNode   *member = show_member(node, key);

	if (show_is_null(member))
		show_refuse(node, "%s is missing", key);
	return member;
}

List *
show_elements(const ShowNode *node)
{
	List	   *elements = NIL;
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	value;

	if (show_is_null(node))
		return NIL;
	if (!show_is_array(node))
		show_refuse(node, "an array is expected");
	it = JsonbIteratorInit(node->value.val.binary.data);
	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE)
	{
		CHECK_FOR_INTERRUPTS();
		if (token == WJB_ELEM)
			elements = lappend(elements, make_node(node, NULL, list_length(elements), &value));
	}
	return elements;
}

List *
show_keys(const ShowNode *node)
{
	List	   *keys = NIL;
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	value;

	require_object(node);
	it = JsonbIteratorInit(node->value.val.binary.data);
	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			keys = lappend(keys, pnstrdup(value.val.string.val, value.val.string.len));
	}
	return keys;
}

static bool
is_among(const char *key, int len, const char *const *keys)
{
	for (; *keys; keys++)
	{
		if (strlen(*keys) == (size_t) len && strncmp(*keys, key, len) == 0)
			return true;
	}
	return false;
}

void
show_check_keys(const ShowNode *node, const char *const *keys)
{
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	value;

	require_object(node);
	it = JsonbIteratorInit(node->value.val.binary.data);
	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE)
	{
		CHECK_FOR_INTERRUPTS();
		if (token == WJB_KEY && !is_among(value.val.string.val, value.val.string.len, keys))
			show_refuse(node, "there is no such member as \"%s\"",
						shown(value.val.string.val, value.val.string.len));
	}
}

/* ---- values ---- */

char *
show_text(const ShowNode *node)
{
	if (show_is_null(node))
		return NULL;
	if (!show_is_string(node))
		show_refuse(node, "a string is expected");
	return pnstrdup(node->value.val.string.val, node->value.val.string.len);
}

char *
show_name(const ShowNode *node)
{
	char	   *name = show_text(node);

	if (name && (name[0] == '\0' || strlen(name) >= NAMEDATALEN))
		show_refuse(node, "a name has 1 to %d bytes, not %zu", NAMEDATALEN - 1, strlen(name));
	return name;
}

ModelKeyColumns *
show_columns(const ShowNode *node)
{
	char	   *name = show_name(node);

	return name ? model_columns_declare(name) : NULL;
}

bool
show_bool(const ShowNode *node)
{
	if (show_is_null(node))
		return false;
	if (node->value.type != jbvBool)
		show_refuse(node, "true or false is expected");
	return node->value.val.boolean;
}

List *
show_texts(const ShowNode *node)
{
	List	   *texts = NIL;
	ListCell   *lc;

	foreach(lc, show_elements(node))
	{
		char	   *value = show_text(lfirst(lc));

		if (value == NULL)
			show_refuse(lfirst(lc), "a string is expected");
		texts = lappend(texts, value);
	}
	return texts;
}
