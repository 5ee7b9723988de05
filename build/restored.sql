-- After a restore. All processes stand still, the queues are empty, and HubSpot may have more than these rows know of. Columns may be younger
-- than the backup. What was begun in the backup was sent before now.

\connect hubspotbus_transaction
DELETE FROM transaction_transaction_batch;
DELETE FROM transaction_transaction_transfer_state;
DELETE FROM bus_outbox WHERE "Envelope" LIKE '%"batchId"%';
SET client_min_messages = warning;
ALTER TABLE transaction_link ADD COLUMN IF NOT EXISTS "BegunAt" bigint;
UPDATE transaction_link SET "ClaimedUntil" = NULL, "BegunAt" = LEAST("BegunAt", (extract(epoch FROM now()) * 1000)::bigint) WHERE "HubSpotId" IS NULL;
-- Where its key is not unique, a record that HubSpot has is found by a listing only: by connecting, or before the first one is created.
ALTER TABLE transaction_known_object_type ADD COLUMN IF NOT EXISTS "ListAgain" boolean NOT NULL DEFAULT false;
UPDATE transaction_known_object_type SET "ListAgain" = true WHERE NOT "KeyIsUnique";

\connect hubspotbus_customer
DELETE FROM bus_outbox WHERE "Envelope" LIKE '%"batchId"%';
SET client_min_messages = warning;
ALTER TABLE customer_link ADD COLUMN IF NOT EXISTS "BegunAt" bigint;
UPDATE customer_link SET "ClaimedUntil" = NULL, "BegunAt" = LEAST("BegunAt", (extract(epoch FROM now()) * 1000)::bigint) WHERE "HubSpotId" IS NULL;
ALTER TABLE customer_known_object_type ADD COLUMN IF NOT EXISTS "ListAgain" boolean NOT NULL DEFAULT false;
UPDATE customer_known_object_type SET "ListAgain" = true WHERE NOT "KeyIsUnique";

\connect hubspotbus_productprerequisite
DELETE FROM bus_outbox WHERE "Envelope" LIKE '%"batchId"%';
SET client_min_messages = warning;
ALTER TABLE product_link ADD COLUMN IF NOT EXISTS "BegunAt" bigint;
UPDATE product_link SET "ClaimedUntil" = NULL, "BegunAt" = LEAST("BegunAt", (extract(epoch FROM now()) * 1000)::bigint) WHERE "HubSpotId" IS NULL;
ALTER TABLE product_known_object_type ADD COLUMN IF NOT EXISTS "ListAgain" boolean NOT NULL DEFAULT false;
UPDATE product_known_object_type SET "ListAgain" = true WHERE NOT "KeyIsUnique";

\connect hubspotbus_mapping
DELETE FROM bus_outbox WHERE "Envelope" LIKE '%"batchId"%';

-- What ran begins anew, under new batch executions; every write has its key, so HubSpot gets nothing twice.
\connect hubspotbus_hub
BEGIN;
DELETE FROM bus_outbox WHERE "Envelope" LIKE '%"batchId"%';
UPDATE hub_transfer SET "State" = 'Pending', "BatchId" = NULL, "Version" = "Version" + 1 WHERE "State" = 'Running';
UPDATE hub_batch_execution SET "State" = 'Done', "OrderJson" = '', "SlotFreedAt" = "SlotTakenAt" WHERE "State" <> 'Done';
DELETE FROM hub_slot;

-- First each subscription looks at its account again, as when connecting: what it may do now, and what it has by now. One that was paused as
-- well: what Auth told of its pause while the hub had no queue yet, nobody heard.
SET client_min_messages = warning;
ALTER TABLE hub_subscription ADD COLUMN IF NOT EXISTS "DeletedAt" bigint;
INSERT INTO bus_outbox ("MessageId", "Queue", "MessageType", "Envelope", "DueAt")
SELECT id, 'probe-account', 'ProbeAccount', jsonb_build_object(
    'messageId', id,
    'messageType', jsonb_build_array('urn:message:HubSpotBus.Contracts.Connections:ProbeAccount'),
    'message', jsonb_build_object('subscriptionId', "Id")), 0
FROM (SELECT "Id", gen_random_uuid() AS id FROM hub_subscription WHERE "Connection" IN ('Connected', 'Connecting', 'Paused') AND "DeletedAt" IS NULL) AS subscription;
UPDATE hub_subscription SET "Connection" = 'Connecting' WHERE "Connection" = 'Connected' AND "DeletedAt" IS NULL;

-- Auth may have been saved a little earlier or later than the hub: it is believed from whatever connect it counts on.
ALTER TABLE hub_subscription ADD COLUMN IF NOT EXISTS "Authorised" integer NOT NULL DEFAULT 0;
ALTER TABLE hub_subscription ADD COLUMN IF NOT EXISTS "Prepared" integer NOT NULL DEFAULT 0;
UPDATE hub_subscription SET "Authorised" = 0, "Prepared" = -1;
COMMIT;
