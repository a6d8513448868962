-- The role of the nodes. That of the owner is the image's doing.
CREATE ROLE orrery LOGIN PASSWORD 'orrery';
