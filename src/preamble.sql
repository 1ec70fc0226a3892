\echo Use "CREATE EXTENSION relmeta" to load this file. \quit

