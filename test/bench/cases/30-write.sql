-- case: bulk INSERT of related rows, foreign key
-- against: the same table without relmeta
-- target: 1.12
-- relmeta
INSERT INTO fk.task (id, contact_id, owner_id) SELECT -id, contact_id, 'ann' FROM plain.task;
-- peer
INSERT INTO plain.task (id, contact_id, owner_id) SELECT -id, contact_id, 'ann' FROM plain.task;

-- case: bulk INSERT of related rows, foreign_key => false
-- against: the same table with a foreign key
-- target: 1.12
-- relmeta
INSERT INTO managed.task (id, contact_id, owner_id) SELECT -id, contact_id, 'ann' FROM plain.task;
-- peer
INSERT INTO plain.task (id, contact_id, owner_id) SELECT -id, contact_id, 'ann' FROM plain.task;

-- case: UPDATE of a column that relmeta does not watch, foreign key
-- against: the same table without relmeta
-- target: 1.02
-- relmeta
UPDATE fk.task SET body = 'another';
-- peer
UPDATE plain.task SET body = 'another';

-- case: UPDATE of a column that relmeta does not watch, no foreign key
-- against: the same table without relmeta
-- target: 1.02
-- relmeta
UPDATE managed.task SET body = 'another';
-- peer
UPDATE bare.task SET body = 'another';
