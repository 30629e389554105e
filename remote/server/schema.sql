-- What came home, as tables. bee-load runs this before each load: all of it may be there already.
CREATE SCHEMA IF NOT EXISTS bee;
SET search_path = bee;

CREATE TABLE IF NOT EXISTS documents (
	sha256 text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
	machine text NOT NULL,
	received timestamptz NOT NULL, -- by the server's clock; what the machine says of the time is in doc
	raw bytea NOT NULL,            -- as it was hashed: jsonb keeps no order and no doubled key
	doc jsonb NOT NULL
);
CREATE INDEX IF NOT EXISTS documents_machine ON documents (machine, received);

-- The newest of each.
CREATE TABLE IF NOT EXISTS machines (
	machine text PRIMARY KEY,
	sha256 text NOT NULL REFERENCES documents,
	received timestamptz NOT NULL,
	manufacturer text, model text, serial_number text, health text
);
CREATE INDEX IF NOT EXISTS machines_received ON machines (received);

CREATE TABLE IF NOT EXISTS components (
	sha256 text NOT NULL REFERENCES documents ON DELETE CASCADE,
	kind text NOT NULL, key text NOT NULL,
	manufacturer text, model text, part_number text, serial_number text, firmware_version text, health text,
	capacity_bytes numeric,
	props jsonb NOT NULL
);
CREATE INDEX IF NOT EXISTS components_sha256 ON components (sha256);
CREATE INDEX IF NOT EXISTS components_part ON components (part_number) WHERE part_number IS NOT NULL;
CREATE INDEX IF NOT EXISTS components_model ON components (model, kind);
CREATE INDEX IF NOT EXISTS components_bad ON components (kind) WHERE health IN ('Warning', 'Critical');

-- Where each serial number has been seen. "moved": in more than one machine.
CREATE TABLE IF NOT EXISTS sightings (
	kind text, serial_number text, machine text,
	first timestamptz NOT NULL, last timestamptz NOT NULL, moved boolean NOT NULL DEFAULT false,
	PRIMARY KEY (kind, serial_number, machine)
);
CREATE INDEX IF NOT EXISTS sightings_moved ON sightings (kind, serial_number) WHERE moved;

-- How orders have ended.
CREATE TABLE IF NOT EXISTS results (
	sha256 text PRIMARY KEY, id text, request text, order_sha256 text, sequence bigint, status int, why text,
	received timestamptz NOT NULL, log text NOT NULL
);

-- What machines have sealed to a key that is not here: `bee remote open` has it.
CREATE TABLE IF NOT EXISTS sealed (
	sha256 text PRIMARY KEY, received timestamptz NOT NULL, key text NOT NULL, raw bytea NOT NULL
);

-- What PostgreSQL or we refuse; nothing is lost, and nobody asks for it twice.
CREATE TABLE IF NOT EXISTS quarantine (
	sha256 text PRIMARY KEY, received timestamptz NOT NULL, why text NOT NULL, raw bytea NOT NULL
);

CREATE OR REPLACE FUNCTION machine_of(doc jsonb, sha256 text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce('uuid:' || lower(doc #>> '{identity,uuid}'),
		'serial:' || (doc #>> '{identity,manufacturer}') || '/' || (doc #>> '{identity,serial_number}'), 'document:' || sha256)
$$;

CREATE OR REPLACE FUNCTION list_of(doc jsonb, path jsonpath) RETURNS SETOF jsonb LANGUAGE sql IMMUTABLE AS $$
	SELECT jsonb_path_query(doc, path, '{}', true)
$$;

-- A text is a text, also where a hostile document has something else in its place.
CREATE OR REPLACE FUNCTION text_of(props jsonb, name text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE jsonb_typeof(props -> name) WHEN 'string' THEN left(props ->> name, 256) END
$$;

-- Documents of the temporary table `incoming` (sha256, received, raw) to where they belong. How many were new.
CREATE OR REPLACE FUNCTION take() RETURNS bigint LANGUAGE plpgsql SET search_path = bee, pg_temp AS $$
DECLARE taken bigint;
BEGIN
	-- One loader after the other: what two of them found missing both would take apart.
	PERFORM pg_advisory_xact_lock(1650812271);
	CREATE TEMPORARY TABLE fresh (sha256 text, machine text, received timestamptz, doc jsonb) ON COMMIT DROP;
	ALTER TABLE fresh ALTER doc SET STORAGE EXTERNAL; -- read for each kind of parts, and packed once, where it stays
	-- MATERIALIZED: else the text would be parsed once for each word of machine_of.
	WITH i AS MATERIALIZED (
		SELECT sha256, received, convert_from(raw, 'UTF8')::jsonb AS doc FROM incoming n
		WHERE NOT EXISTS (SELECT FROM documents d WHERE d.sha256 = n.sha256))
	INSERT INTO fresh SELECT sha256, machine_of(doc, sha256), received, doc FROM i;
	INSERT INTO documents SELECT sha256, f.machine, f.received, i.raw, f.doc FROM fresh f JOIN incoming i USING (sha256) ON CONFLICT DO NOTHING;
	GET DIAGNOSTICS taken = ROW_COUNT;
	INSERT INTO components
		SELECT f.sha256, c.kind, coalesce(text_of(c.props, 'key'), '?'), text_of(c.props, 'manufacturer'), text_of(c.props, 'model'),
			text_of(c.props, 'part_number'), coalesce(text_of(c.props, 'serial_number'), text_of(c.props, 'permanent_mac_address')),
			text_of(c.props, 'firmware_version'), text_of(c.props, 'health_rollup'),
			CASE jsonb_typeof(c.props -> 'capacity_bytes') WHEN 'number' THEN (c.props ->> 'capacity_bytes')::numeric END, c.props
		FROM fresh f, LATERAL (
			SELECT 'drive' AS kind, list_of(f.doc, 'strict $.storage.drives[*]') AS props
			UNION ALL SELECT 'dimm', list_of(f.doc, 'strict $.memory.modules[*]')
			UNION ALL SELECT 'nic', list_of(f.doc, 'strict $.network.interfaces[*]')
			UNION ALL SELECT 'gpu', list_of(f.doc, 'strict $.gpus[*]')
			UNION ALL SELECT 'cpu', list_of(f.doc, 'strict $.processors[*]')
			UNION ALL SELECT 'psu', list_of(f.doc, 'strict $.power_supplies[*]')
			UNION ALL SELECT 'board', list_of(f.doc, 'strict $.baseboards[*]')
			UNION ALL SELECT 'pci', list_of(f.doc, 'strict $.pcie.devices[*]')) c;
	INSERT INTO machines
		SELECT DISTINCT ON (machine) machine, sha256, received, doc #>> '{identity,manufacturer}', doc #>> '{identity,model}',
			doc #>> '{identity,serial_number}', doc #>> '{health,rollup}'
		FROM fresh ORDER BY machine, received DESC
		ON CONFLICT (machine) DO UPDATE SET sha256 = excluded.sha256, received = excluded.received,
			manufacturer = excluded.manufacturer, model = excluded.model, serial_number = excluded.serial_number,
			health = excluded.health
		WHERE excluded.received >= machines.received;
	INSERT INTO sightings
		SELECT c.kind, c.serial_number, f.machine, min(f.received), max(f.received)
		FROM components c JOIN fresh f USING (sha256)
		WHERE length(c.serial_number) >= 4 AND c.kind <> 'pci' GROUP BY 1, 2, 3
		ON CONFLICT (kind, serial_number, machine) DO UPDATE SET
			first = least(sightings.first, excluded.first), last = greatest(sightings.last, excluded.last);
	UPDATE sightings s SET moved = true
		WHERE NOT moved
		AND EXISTS (SELECT FROM components c JOIN fresh f USING (sha256) WHERE c.kind = s.kind AND c.serial_number = s.serial_number)
		AND EXISTS (SELECT FROM sightings o WHERE o.kind = s.kind AND o.serial_number = s.serial_number AND o.machine <> s.machine);
	DROP TABLE fresh;
	RETURN taken;
END $$;

-- What people ask; bee fleet shows them.
CREATE OR REPLACE VIEW fleet_parts AS
	SELECT m.machine, c.kind, c.key, c.manufacturer, c.model, c.part_number, c.serial_number, c.firmware_version, c.health, m.received
	FROM machines m JOIN components c USING (sha256);
CREATE OR REPLACE VIEW fleet_failing AS
	SELECT * FROM fleet_parts WHERE health IN ('Warning', 'Critical');
CREATE OR REPLACE VIEW fleet_moved AS
	SELECT kind, serial_number, machine, first, last FROM sightings WHERE moved;
