/*
 * temp_file.h
 *		Temporary files that a memory context closes.
 */
#ifndef ROWS_TEMP_FILE_H
#define ROWS_TEMP_FILE_H

/*
 * Calls close for a file that is of no use any more.  Closing writes what is in its buffer; a transaction that aborts
 * closes it, too, because of temp_file_limit perhaps, or since the disk is full, and would abort once more.  Raises
 * nothing.
 */
extern void rows_temp_file_close(void (*close) (void *), void *file);

#endif							/* ROWS_TEMP_FILE_H */
