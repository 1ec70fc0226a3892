/*
 * setting.h
 *		Settings that a connection string has tried to set before the library was loaded.
 */
#ifndef SETTING_H
#define SETTING_H

extern void relmeta_settings_before(void);
extern void relmeta_settings_after(void);

#endif							/* SETTING_H */
