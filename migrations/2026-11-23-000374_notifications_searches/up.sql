-- That something new fits a saved search is news, too.
ALTER TABLE notifications
    DROP CONSTRAINT notifications_kind_check,
    ADD CONSTRAINT notifications_kind_check
        CHECK (kind IN ('ORDERS', 'SHOP', 'AVAILABILITY', 'PRICES', 'SEARCHES')) NOT VALID,
    DROP CONSTRAINT notifications_topic_check,
    ADD CONSTRAINT notifications_topic_check CHECK (topic IN (
        'ORDER_PLACED', 'ORDER_AUTHORIZED', 'ORDER_PAID', 'ORDER_UNPAID', 'ORDER_EDITED', 'ADDITION_LAPSED', 'ORDER_CANCELLED', 'ORDER_SOLD',
        'PIECES_CANCELLED', 'AUTHORIZATION_LOST', 'REFUNDED', 'SHIPPED',
        'RETURN_REQUESTED', 'RETURN_WITHDRAWN', 'RETURN_APPROVED', 'RETURN_DECLINED', 'RETURN_RECEIVED',
        'CLAIM_OPENED', 'CLAIM_ANSWERED', 'CLAIM_ESCALATED', 'CLAIM_DECIDED', 'CLAIM_CLOSED',
        'DISPUTE_OPENED', 'DISPUTE_CLOSED', 'STOCK_LOW', 'BACK_IN_STOCK', 'PRICE_DROPPED', 'SEARCH_FOUND')) NOT VALID,
    DROP CONSTRAINT notifications_subject_kind_check,
    ADD CONSTRAINT notifications_subject_kind_check
        CHECK (subject_kind IN ('ORDER', 'ORDER_PART', 'PRODUCT', 'VARIANT', 'SAVED_SEARCH')) NOT VALID;
