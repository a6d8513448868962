-- The tables of Orrery, for PostgreSQL 13 and later: the membership of clusters, the state of their services, and what
-- their nodes measured.
--
--   psql -v ON_ERROR_STOP=1 -f db/schema.sql
--
-- creates them in the first schema of the search path (PGOPTIONS=--search_path=name chooses another one), and needs no
-- more rights than to create tables there. Applied again, also by several at once and beside running nodes, it changes
-- nothing. Any number of clusters share one database: every row carries its cluster's id.

BEGIN;

SET LOCAL client_min_messages = warning;

-- Whoever applies this at the same time waits here.
DO $$ BEGIN PERFORM pg_advisory_xact_lock(7311146, 1); END $$;

-- The table of statements has the providers' name. One that is not ours belongs to another program of Orleans.
DO $$
DECLARE
    place text := current_schema();
BEGIN
    IF place IS NOT NULL THEN
        IF to_regclass(format('%I.orleansquery', place)) IS NOT NULL AND to_regclass(format('%I.orrery_schema', place)) IS NULL THEN
            RAISE EXCEPTION 'The schema "%" has the tables of another Orleans cluster.', place
                USING HINT = 'Use a schema of its own: CREATE SCHEMA, and name it in the search path.';
        END IF;
    END IF;
END $$;

CREATE TABLE IF NOT EXISTS orrery_schema (
    one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
    version integer NOT NULL
);

DO $$
DECLARE
    present integer := (SELECT version FROM orrery_schema);
BEGIN
    IF present > 2 THEN
        RAISE EXCEPTION 'The database has version % of the Orrery schema, and this is version 2.', present
            USING HINT = 'Use the schema.sql of the release that the nodes run.';
    END IF;
END $$;

INSERT INTO orrery_schema (version) VALUES (2)
ON CONFLICT (one_row) DO UPDATE SET version = excluded.version WHERE orrery_schema.version <> excluded.version;

-- One row per cluster: the version of its membership. Whoever changes a member raises it by one in the same statement.
CREATE TABLE IF NOT EXISTS orrery_membership_version (
    cluster_id text PRIMARY KEY,
    version integer NOT NULL
);

-- One row per life of a node. Heartbeats rewrite a row every few seconds, so its page keeps room for the new copy.
CREATE TABLE IF NOT EXISTS orrery_member (
    cluster_id text NOT NULL REFERENCES orrery_membership_version (cluster_id),
    address text NOT NULL,
    port integer NOT NULL,
    generation integer NOT NULL,
    node_id text NOT NULL,
    host_name text NOT NULL,
    status integer NOT NULL,
    client_port integer NOT NULL,
    suspicions text,
    started_at timestamptz NOT NULL,
    alive_at timestamptz NOT NULL,
    PRIMARY KEY (cluster_id, address, port, generation)
) WITH (fillfactor = 50);

-- One row per piece of state. The payload is JSON in UTF-8 unless the storage was given another serializer:
-- convert_from(payload, 'UTF8') shows it. Null is state that was cleared; its version goes on.
CREATE TABLE IF NOT EXISTS orrery_state (
    cluster_id text NOT NULL,
    state_name text NOT NULL,
    key_hash integer NOT NULL,
    key_n0 bigint NOT NULL,
    key_n1 bigint NOT NULL,
    key_text text NOT NULL,
    payload bytea,
    version integer NOT NULL,
    modified_at timestamptz NOT NULL,
    PRIMARY KEY (cluster_id, state_name, key_hash, key_n0, key_n1, key_text)
);

-- One row per node that has reported, with its newest report; the number stands for the node in the tables below. The
-- row with an empty node_id stands for the cluster. Each report rewrites the row, so its page keeps room for new copies.
CREATE TABLE IF NOT EXISTS orrery_metrics_node (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cluster_id text NOT NULL,
    node_id text NOT NULL,
    newest_at timestamptz,
    report jsonb,
    UNIQUE (cluster_id, node_id)
) WITH (fillfactor = 50);

-- One row per report. The byte counters are those of the machine, since it started. No foreign key: whoever writes has
-- made sure of the node in the same transaction, and a node goes after its reports. Reports that are past their
-- retention go a few at a time, so the clean-up of their pages comes before a fifth of the table is dead.
CREATE TABLE IF NOT EXISTS orrery_metrics_report (
    at timestamptz NOT NULL,
    memory_used_bytes bigint,
    working_set_bytes bigint NOT NULL,
    gc_heap_bytes bigint NOT NULL,
    received_bytes bigint,
    sent_bytes bigint,
    disk_read_bytes bigint,
    disk_written_bytes bigint,
    node integer NOT NULL,
    cpu_percent real,
    memory_percent real,
    load real,
    process_cpu_percent real,
    thread_pool_queue integer NOT NULL,
    PRIMARY KEY (node, at)
) WITH (autovacuum_vacuum_scale_factor = 0.02);

-- One row per node and five minutes, and one per cluster and five minutes: averages and the highest values.
CREATE TABLE IF NOT EXISTS orrery_metrics_rollup (
    at timestamptz NOT NULL,
    memory_used_bytes bigint,
    working_set_bytes bigint,
    gc_heap_bytes bigint,
    node integer NOT NULL,
    samples integer NOT NULL,
    cpu_percent real,
    cpu_percent_max real,
    memory_percent real,
    memory_percent_max real,
    load real,
    process_cpu_percent real,
    thread_pool_queue_max integer,
    received_bytes_per_second real,
    sent_bytes_per_second real,
    disk_read_bytes_per_second real,
    disk_written_bytes_per_second real,
    PRIMARY KEY (node, at)
) WITH (autovacuum_vacuum_scale_factor = 0.02);

-- One row for each five minutes of a cluster that have reports which are not in the roll-up yet.
CREATE TABLE IF NOT EXISTS orrery_metrics_pending (
    cluster_id text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (cluster_id, at)
);

-- What Orleans' ADO.NET providers run: they look each statement up by its key. The names of this table, of its columns,
-- of the parameters and of the columns that come back are the providers'; the rest is ours.
CREATE TABLE IF NOT EXISTS OrleansQuery (
    QueryKey text PRIMARY KEY,
    QueryText text NOT NULL
);

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES

-- Gives whether this call made the row.
('InsertMembershipVersionKey', $query$
WITH made AS (
    INSERT INTO orrery_membership_version (cluster_id, version) VALUES (@DeploymentId, 0)
    ON CONFLICT (cluster_id) DO NOTHING
    RETURNING 1)
SELECT count(*) = 1 FROM made
$query$),

-- Of two writers with the same version the second waits for the first one's row lock, then sees that the version has
-- moved on, and changes nothing.
('InsertMembershipKey', $query$
WITH raised AS (
    UPDATE orrery_membership_version v SET version = v.version + 1
    WHERE v.cluster_id = @DeploymentId AND v.version = @Version
        AND NOT EXISTS (
            SELECT 1 FROM orrery_member m
            WHERE m.cluster_id = @DeploymentId AND m.address = @Address AND m.port = @Port AND m.generation = @Generation)
    RETURNING v.cluster_id),
made AS (
    INSERT INTO orrery_member (cluster_id, address, port, generation, node_id, host_name, status, client_port, started_at, alive_at)
    SELECT cluster_id, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime FROM raised
    RETURNING 1)
SELECT count(*) = 1 FROM made
$query$),

-- The member is locked before the version is raised: a clean-up in between would leave a raised version behind.
('UpdateMembershipKey', $query$
WITH locked AS MATERIALIZED (
    SELECT m.cluster_id FROM orrery_member m
    WHERE m.cluster_id = @DeploymentId AND m.address = @Address AND m.port = @Port AND m.generation = @Generation
    FOR UPDATE),
raised AS (
    UPDATE orrery_membership_version v SET version = v.version + 1 FROM locked
    WHERE v.cluster_id = locked.cluster_id AND v.version = @Version
    RETURNING v.cluster_id),
changed AS (
    UPDATE orrery_member m SET status = @Status, suspicions = @SuspectTimes, alive_at = @IAmAliveTime FROM raised
    WHERE m.cluster_id = raised.cluster_id AND m.address = @Address AND m.port = @Port AND m.generation = @Generation
    RETURNING 1)
SELECT count(*) = 1 FROM changed
$query$),

-- A heartbeat is no change of the membership.
('UpdateIAmAlivetimeKey', $query$
UPDATE orrery_member SET alive_at = @IAmAliveTime
WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
$query$),

-- One row with nulls for a member that isn't there: the version is asked for in any case.
('MembershipReadRowKey', $query$
SELECT m.address AS "Address", m.port AS "Port", m.generation AS "Generation", m.node_id AS "SiloName", m.host_name AS "HostName",
    m.status AS "Status", m.client_port AS "ProxyPort", m.suspicions AS "SuspectTimes", m.started_at AS "StartTime",
    m.alive_at AS "IAmAliveTime", v.version AS "Version"
FROM orrery_membership_version v
LEFT JOIN orrery_member m ON m.cluster_id = v.cluster_id AND m.address = @Address AND m.port = @Port AND m.generation = @Generation
WHERE v.cluster_id = @DeploymentId
$query$),

('MembershipReadAllKey', $query$
SELECT m.address AS "Address", m.port AS "Port", m.generation AS "Generation", m.node_id AS "SiloName", m.host_name AS "HostName",
    m.status AS "Status", m.client_port AS "ProxyPort", m.suspicions AS "SuspectTimes", m.started_at AS "StartTime",
    m.alive_at AS "IAmAliveTime", v.version AS "Version"
FROM orrery_membership_version v
LEFT JOIN orrery_member m ON m.cluster_id = v.cluster_id
WHERE v.cluster_id = @DeploymentId
$query$),

('GatewaysQueryKey', $query$
SELECT address AS "Address", client_port AS "ProxyPort", generation AS "Generation"
FROM orrery_member
WHERE cluster_id = @DeploymentId AND status = @Status AND client_port > 0
$query$),

-- A row is written dead in two steps (declared, then forgotten), so one that is anything but active (status 3) and has
-- not been touched for so long belongs to nobody.
('CleanupDefunctSiloEntriesKey', $query$
DELETE FROM orrery_member
WHERE cluster_id = @DeploymentId AND alive_at < @IAmAliveTime AND status <> 3
$query$),

('DeleteMembershipTableEntriesKey', $query$
WITH members AS (
    DELETE FROM orrery_member WHERE cluster_id = @DeploymentId)
DELETE FROM orrery_membership_version WHERE cluster_id = @DeploymentId
$query$),

-- Writing, clearing and deleting give the new version, or no row when the stored one is not the one that was read.
('WriteToStorageKey', $query$
WITH changed AS (
    UPDATE orrery_state SET payload = @PayloadBinary, version = version + 1, modified_at = now()
    WHERE cluster_id = @ServiceId AND state_name = @GrainTypeString AND key_hash = @GrainIdHash
        AND key_n0 = @GrainIdN0 AND key_n1 = @GrainIdN1 AND key_text = coalesce(@GrainIdExtensionString, '')
        AND version = @GrainStateVersion
    RETURNING version),
made AS (
    INSERT INTO orrery_state (cluster_id, state_name, key_hash, key_n0, key_n1, key_text, payload, version, modified_at)
    SELECT @ServiceId, @GrainTypeString, @GrainIdHash, @GrainIdN0, @GrainIdN1, coalesce(@GrainIdExtensionString, ''), @PayloadBinary, 1, now()
    WHERE @GrainStateVersion IS NULL
    ON CONFLICT DO NOTHING
    RETURNING version)
SELECT version AS "NewGrainStateVersion" FROM changed
UNION ALL
SELECT version FROM made
$query$),

('ReadFromStorageKey', $query$
SELECT payload AS "PayloadBinary", version AS "Version"
FROM orrery_state
WHERE cluster_id = @ServiceId AND state_name = @GrainTypeString AND key_hash = @GrainIdHash
    AND key_n0 = @GrainIdN0 AND key_n1 = @GrainIdN1 AND key_text = coalesce(@GrainIdExtensionString, '')
$query$),

('ClearStorageKey', $query$
UPDATE orrery_state SET payload = NULL, version = version + 1, modified_at = now()
WHERE cluster_id = @ServiceId AND state_name = @GrainTypeString AND key_hash = @GrainIdHash
    AND key_n0 = @GrainIdN0 AND key_n1 = @GrainIdN1 AND key_text = coalesce(@GrainIdExtensionString, '')
    AND version = @GrainStateVersion
RETURNING version AS "NewGrainStateVersion"
$query$),

('DeleteStorageKey', $query$
DELETE FROM orrery_state
WHERE cluster_id = @ServiceId AND state_name = @GrainTypeString AND key_hash = @GrainIdHash
    AND key_n0 = @GrainIdN0 AND key_n1 = @GrainIdN1 AND key_text = coalesce(@GrainIdExtensionString, '')
    AND version = @GrainStateVersion
RETURNING version + 1 AS "NewGrainStateVersion"
$query$)

ON CONFLICT (QueryKey) DO UPDATE SET QueryText = excluded.QueryText WHERE OrleansQuery.QueryText <> excluded.QueryText;

COMMIT;
