#!/bin/sh
# rooms.sh: arrows between the rooms of src/, and between the files of one, point one way; test/tools/rooms has the rooms
cd "$(dirname "$0")/../.." && exec perl test/tools/rooms
