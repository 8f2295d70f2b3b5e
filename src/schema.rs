//! Diesel's tables. Generated columns are left out: no Rust code reads or writes them.
//! `UPDATE_SCHEMA=1 cargo test schema_rs` writes this file anew from the migrations.

diesel::table! {
    account_deletions (user_id) {
        user_id -> Uuid,
        requested_at -> Timestamptz,
        due_at -> Timestamptz,
        erased_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    accounts (id) {
        id -> Uuid,
        kind -> Text,
        owner_id -> Nullable<Uuid>,
        currency -> Text,
        balance -> Int8,
    }
}

diesel::table! {
    api_keys (id) {
        id -> Uuid,
        name -> Text,
        token_hash -> Bytea,
        scopes -> Array<Text>,
        user_id -> Nullable<Uuid>,
        shop_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
        last_used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    attribute_choice_translations (choice_id, locale) {
        choice_id -> Uuid,
        locale -> Text,
        name -> Text,
    }
}

diesel::table! {
    attribute_choices (id) {
        id -> Uuid,
        attribute_id -> Uuid,
        ordinal -> Int4,
        name -> Text,
    }
}

diesel::table! {
    attribute_translations (attribute_id, locale) {
        attribute_id -> Uuid,
        locale -> Text,
        name -> Text,
    }
}

diesel::table! {
    attributes (id) {
        id -> Uuid,
        handle -> Text,
        name -> Text,
        kind -> Text,
        unit -> Nullable<Text>,
        is_filterable -> Bool,
        version -> Int4,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    audit_entries (id) {
        id -> Uuid,
        user_id -> Nullable<Uuid>,
        staff_id -> Nullable<Uuid>,
        grant_id -> Nullable<Uuid>,
        action -> Text,
        reason -> Text,
        created_at -> Timestamptz,
        about_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    availability_notices (user_id, variant_id) {
        user_id -> Uuid,
        variant_id -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    blocks (blocker_id, blocked_id) {
        blocker_id -> Uuid,
        blocked_id -> Uuid,
        created_at -> Timestamptz,
        inherited_from -> Nullable<Uuid>,
    }
}

diesel::table! {
    captures (id) {
        id -> Uuid,
        intent_id -> Uuid,
        amount -> Int8,
        status -> Text,
        attempt -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    cart_lines (cart_id, variant_id) {
        cart_id -> Uuid,
        variant_id -> Uuid,
        ordinal -> Int4,
        quantity -> Int4,
        unit_price -> Nullable<Int8>,
        added_at -> Timestamptz,
    }
}

diesel::table! {
    carts (id) {
        id -> Uuid,
        owner_id -> Nullable<Uuid>,
        currency -> Text,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    catalogue (id) {
        id -> Bool,
        locale -> Text,
    }
}

diesel::table! {
    categories (id) {
        id -> Uuid,
        parent_id -> Nullable<Uuid>,
        slug -> Text,
        name -> Text,
        created_at -> Timestamptz,
        description -> Text,
        version -> Int4,
    }
}

diesel::table! {
    category_translations (category_id, locale) {
        category_id -> Uuid,
        locale -> Text,
        name -> Text,
        description -> Text,
    }
}

diesel::table! {
    claims (id) {
        id -> Uuid,
        part_id -> Uuid,
        shop_id -> Uuid,
        kind -> Text,
        status -> Text,
        amount -> Int8,
        currency -> Text,
        refunded -> Int8,
        decision -> Nullable<Text>,
        due_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    client_settings (user_id, namespace) {
        user_id -> Uuid,
        namespace -> Text,
        value -> Text,
        version -> Int4,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    conversations (id) {
        id -> Uuid,
        kind -> Text,
        shop_id -> Nullable<Uuid>,
        product_id -> Nullable<Uuid>,
        pair_key -> Nullable<Text>,
        last_number -> Int8,
        last_message_at -> Timestamptz,
        created_at -> Timestamptz,
        title -> Nullable<Text>,
        version -> Int4,
        texts_from -> Timestamptz,
        texts_after -> Int8,
    }
}

diesel::table! {
    cost_buckets (key) {
        key -> Text,
        full_at -> Int8,
        fills_in -> Int8,
        lent -> Int8,
    }
}

diesel::table! {
    country_tax_rates (country, tax_class_id) {
        country -> Text,
        tax_class_id -> Uuid,
        rate -> Int4,
    }
}

diesel::table! {
    country_taxes (country) {
        country -> Text,
        is_included -> Bool,
        remitted_by -> Text,
        name -> Text,
        standard_rate -> Int4,
        shipping_rate -> Nullable<Int4>,
        version -> Int4,
    }
}

diesel::table! {
    data_exports (id) {
        id -> Uuid,
        user_id -> Uuid,
        state -> Text,
        byte_size -> Nullable<Int8>,
        requested_at -> Timestamptz,
        ready_at -> Nullable<Timestamptz>,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    document_usage (hash, operation, client_id) {
        hash -> Text,
        operation -> Text,
        client_id -> Int4,
        calls -> Int8,
        errors -> Int8,
        cost -> Int8,
        latencies -> Array<Int8>,
        first_used_at -> Timestamptz,
        last_used_at -> Timestamptz,
    }
}

diesel::table! {
    documents (hash) {
        hash -> Text,
        operations -> Array<Text>,
        text -> Nullable<Text>,
        trusted_at -> Nullable<Timestamptz>,
        first_seen_at -> Timestamptz,
    }
}

diesel::table! {
    documents_state (singleton) {
        singleton -> Bool,
        revision -> Int8,
    }
}

diesel::table! {
    email_changes (id) {
        id -> Uuid,
        user_id -> Uuid,
        email -> Text,
        email_key -> Text,
        old_email -> Text,
        is_confirmable -> Bool,
        attempts -> Int4,
        expires_at -> Timestamptz,
        confirmed_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    event_log (singleton) {
        singleton -> Bool,
        epoch -> Uuid,
        cluster -> Text,
        last_position -> Int8,
        first_position -> Int8,
    }
}

diesel::table! {
    event_outbox (id) {
        id -> Int8,
        kind -> Text,
        payload -> Jsonb,
        topics -> Array<Uuid>,
        actor_id -> Nullable<Uuid>,
        on_behalf_of -> Nullable<Uuid>,
        session_id -> Nullable<Uuid>,
        request_id -> Nullable<Text>,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    events (position) {
        position -> Int8,
        kind -> Text,
        payload -> Jsonb,
        topics -> Array<Uuid>,
        actor_id -> Nullable<Uuid>,
        on_behalf_of -> Nullable<Uuid>,
        session_id -> Nullable<Uuid>,
        request_id -> Nullable<Text>,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    favorites (user_id, product_id) {
        user_id -> Uuid,
        product_id -> Uuid,
        created_at -> Timestamptz,
        noted_price -> Int8,
        liked_price -> Nullable<Int8>,
    }
}

diesel::table! {
    field_usage (field, client_id) {
        field -> Text,
        client_id -> Int4,
        calls -> Int8,
        first_used_at -> Timestamptz,
        last_used_at -> Timestamptz,
    }
}

diesel::table! {
    former_addresses (user_id) {
        user_id -> Uuid,
        address_key -> Bytea,
        erased_at -> Timestamptz,
    }
}

diesel::table! {
    group_invitations (conversation_id, user_id) {
        conversation_id -> Uuid,
        user_id -> Uuid,
        inviter_id -> Uuid,
        created_at -> Timestamptz,
        declined_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    guesses (key) {
        key -> Bytea,
        wrong -> Int4,
        open_at -> Nullable<Timestamptz>,
        counted_at -> Timestamptz,
    }
}

diesel::table! {
    guest_orders (order_id) {
        order_id -> Uuid,
        email -> Nullable<Text>,
        email_key -> Nullable<Text>,
        locale -> Text,
        line_key -> Nullable<Bytea>,
        placed_at -> Timestamptz,
        mails -> Int4,
    }
}

diesel::table! {
    handles (handle_key) {
        handle_key -> Text,
        user_id -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    idempotency_keys (scope, operation, key) {
        scope -> Text,
        operation -> Text,
        key -> Text,
        input_hash -> Bytea,
        outcome -> Nullable<Jsonb>,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    identities (id) {
        id -> Uuid,
        user_id -> Uuid,
        issuer -> Text,
        subject -> Text,
        email -> Nullable<Text>,
        created_at -> Timestamptz,
        last_used_at -> Timestamptz,
    }
}

diesel::table! {
    import_keys (source, kind, key) {
        source -> Text,
        kind -> Text,
        key -> Text,
        target_id -> Uuid,
    }
}

diesel::table! {
    jobs (id) {
        id -> Uuid,
        kind -> Text,
        payload -> Jsonb,
        unique_key -> Nullable<Text>,
        state -> Text,
        run_at -> Timestamptz,
        attempts -> Int4,
        last_error -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    locations (id) {
        id -> Uuid,
        shop_id -> Uuid,
        name -> Text,
        is_default -> Bool,
        created_at -> Timestamptz,
        is_active -> Bool,
    }
}

diesel::table! {
    media (id) {
        id -> Uuid,
        owner_id -> Uuid,
        state -> Text,
        encoding -> Text,
        byte_size -> Int8,
        checksum -> Bytea,
        width -> Int4,
        height -> Int4,
        placeholder -> Bytea,
        reference_count -> Int4,
        unreferenced_at -> Nullable<Timestamptz>,
        doomed_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        files_deleted_at -> Nullable<Timestamptz>,
        is_private -> Bool,
        is_taken_in -> Bool,
    }
}

diesel::table! {
    message_attachments (message_id, ordinal) {
        message_id -> Uuid,
        ordinal -> Int4,
        media_id -> Nullable<Uuid>,
        upload_id -> Nullable<Uuid>,
        product_id -> Nullable<Uuid>,
        part_id -> Nullable<Uuid>,
        name -> Nullable<Text>,
        latitude -> Nullable<Float8>,
        longitude -> Nullable<Float8>,
    }
}

diesel::table! {
    message_digests (user_id) {
        user_id -> Uuid,
        told_at -> Timestamptz,
    }
}

diesel::table! {
    message_filters (id) {
        id -> Uuid,
        kind -> Text,
        pattern -> Text,
        folded -> Text,
        created_at -> Timestamptz,
        action -> Text,
    }
}

diesel::table! {
    message_mentions (message_id, start) {
        message_id -> Uuid,
        start -> Int4,
        length -> Int4,
        user_id -> Uuid,
    }
}

diesel::table! {
    message_reactions (message_id, user_id, kind) {
        message_id -> Uuid,
        user_id -> Uuid,
        kind -> Text,
        emoji -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    message_revisions (message_id, version) {
        message_id -> Uuid,
        version -> Int4,
        text -> Text,
        written_at -> Timestamptz,
        kept_until -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    message_watches (name) {
        name -> Text,
        epoch -> Uuid,
        position -> Int8,
    }
}

diesel::table! {
    use crate::kernel::tsvector::Tsvector;
    use diesel::sql_types::{Bool, Int4, Int8, Nullable, Text, Timestamptz, Uuid};

    messages (conversation_id, number) {
        conversation_id -> Uuid,
        number -> Int8,
        id -> Uuid,
        author_id -> Nullable<Uuid>,
        text -> Nullable<Text>,
        step -> Nullable<Text>,
        client_key -> Nullable<Text>,
        created_at -> Timestamptz,
        step_id -> Nullable<Uuid>,
        version -> Int4,
        edited_at -> Nullable<Timestamptz>,
        deleted_at -> Nullable<Timestamptz>,
        is_removed -> Bool,
        reply_to_id -> Nullable<Uuid>,
        words -> Nullable<Tsvector>,
        removal -> Nullable<Text>,
        held -> Nullable<Text>,
        held_number -> Nullable<Int8>,
        held_after -> Nullable<Int8>,
        is_by_support -> Bool,
    }
}

diesel::table! {
    moderation_cases (id) {
        id -> Uuid,
        target_kind -> Text,
        target_id -> Uuid,
        person_id -> Nullable<Uuid>,
        state -> Text,
        reporter_count -> Int4,
        opened_at -> Timestamptz,
        waiting_since -> Timestamptz,
        action -> Nullable<Text>,
        reason -> Nullable<Text>,
        decided_by -> Nullable<Uuid>,
        decided_at -> Nullable<Timestamptz>,
        suspended_until -> Nullable<Timestamptz>,
        appeal_text -> Nullable<Text>,
        appealed_by -> Nullable<Uuid>,
        appealed_at -> Nullable<Timestamptz>,
        appeal_outcome -> Nullable<Text>,
        appeal_reason -> Nullable<Text>,
        answered_by -> Nullable<Uuid>,
        answered_at -> Nullable<Timestamptz>,
        shop_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    moderation_notices (case_id, user_id) {
        case_id -> Uuid,
        user_id -> Uuid,
    }
}

diesel::table! {
    moderation_reports (target_kind, target_id, reporter_id) {
        target_kind -> Text,
        target_id -> Uuid,
        reporter_id -> Uuid,
        case_id -> Uuid,
        reason -> Text,
        note -> Text,
        texts -> Array<Text>,
        attachments -> Array<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    notifications (id) {
        id -> Uuid,
        user_id -> Uuid,
        kind -> Text,
        topic -> Text,
        subject_kind -> Text,
        subject_id -> Uuid,
        source_id -> Uuid,
        is_listed -> Bool,
        created_at -> Timestamptz,
        read_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    open_attempts (intent_id) {
        intent_id -> Uuid,
        keys -> Array<Bytea>,
        begun_at -> Timestamptz,
        line_key -> Nullable<Bytea>,
        crowd_key -> Nullable<Bytea>,
    }
}

diesel::table! {
    order_added_lines (id) {
        id -> Uuid,
        part_id -> Uuid,
        addition_id -> Nullable<Uuid>,
        ordinal -> Int4,
        product_id -> Uuid,
        variant_id -> Uuid,
        title -> Text,
        sku -> Text,
        quantity -> Int4,
        unit_price -> Int8,
        total -> Int8,
        tax -> Int8,
        tax_rate -> Int4,
        tax_is_added -> Bool,
        tax_name -> Nullable<Text>,
        is_tax_withheld -> Bool,
        cancelled -> Int4,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    order_additions (id) {
        id -> Uuid,
        part_id -> Uuid,
        intent_id -> Nullable<Uuid>,
        amount -> Int8,
        joined_at -> Timestamptz,
    }
}

diesel::table! {
    order_lines (id) {
        id -> Uuid,
        part_id -> Uuid,
        ordinal -> Int4,
        kind -> Text,
        product_id -> Nullable<Uuid>,
        variant_id -> Nullable<Uuid>,
        title -> Text,
        sku -> Text,
        quantity -> Int4,
        unit_price -> Int8,
        total -> Int8,
        packed -> Int4,
        cancelled -> Int4,
        returned -> Int4,
        discount -> Int8,
        tax -> Int8,
        tax_rate -> Int4,
        tax_is_added -> Bool,
        dropped -> Int4,
    }
}

diesel::table! {
    order_part_notes (id) {
        id -> Uuid,
        part_id -> Uuid,
        author_id -> Nullable<Uuid>,
        text -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    order_parts (id) {
        id -> Uuid,
        order_id -> Uuid,
        shop_id -> Uuid,
        conversation_id -> Nullable<Uuid>,
        ordinal -> Int4,
        fulfillment_state -> Text,
        total -> Int8,
        placed_at -> Timestamptz,
        commission_rate -> Int4,
        refunded -> Int8,
        dropped -> Int8,
        tax_withheld -> Int8,
        tax_dropped -> Int8,
        shipping_method -> Nullable<Text>,
        promotion -> Nullable<Text>,
        is_invoiced -> Bool,
        disputed -> Int8,
    }
}

diesel::table! {
    order_return_lines (id) {
        id -> Uuid,
        return_id -> Uuid,
        ordinal -> Int4,
        line_id -> Nullable<Uuid>,
        kind -> Text,
        variant_id -> Nullable<Uuid>,
        title -> Text,
        sku -> Text,
        quantity -> Int4,
        unit_price -> Int8,
        total -> Int8,
    }
}

diesel::table! {
    order_returns (id) {
        id -> Uuid,
        shop_id -> Uuid,
        buyer_id -> Nullable<Uuid>,
        currency -> Text,
        total -> Int8,
        received_at -> Timestamptz,
    }
}

diesel::table! {
    order_steps (id) {
        id -> Uuid,
        order_id -> Uuid,
        part_id -> Nullable<Uuid>,
        step -> Text,
        actor_id -> Nullable<Uuid>,
        about_id -> Nullable<Uuid>,
        reason -> Nullable<Text>,
        created_at -> Timestamptz,
        position -> Int8,
    }
}

diesel::table! {
    orders (id) {
        id -> Uuid,
        number -> Text,
        buyer_id -> Nullable<Uuid>,
        status -> Text,
        currency -> Text,
        total -> Int8,
        shipping_address -> Nullable<Jsonb>,
        source -> Text,
        version -> Int4,
        placed_at -> Timestamptz,
        cancelled_at -> Nullable<Timestamptz>,
        payment_due_at -> Nullable<Timestamptz>,
        refunded -> Int8,
        cancellation -> Nullable<Text>,
        dropped -> Int8,
        discount -> Int8,
        shipping -> Int8,
        tax -> Int8,
        tax_is_added -> Bool,
        tax_name -> Nullable<Text>,
        code -> Nullable<Text>,
        note -> Nullable<Text>,
        added -> Int8,
        added_due_at -> Nullable<Timestamptz>,
        is_learned -> Bool,
    }
}

diesel::table! {
    participants (conversation_id, user_id) {
        conversation_id -> Uuid,
        user_id -> Uuid,
        is_member -> Bool,
        last_read_number -> Int8,
        created_at -> Timestamptz,
        has_blocked -> Bool,
        is_archived -> Bool,
        pinned_at -> Nullable<Timestamptz>,
        muted_until -> Nullable<Timestamptz>,
        furthest_read_number -> Int8,
        delivered_number -> Int8,
        role -> Nullable<Text>,
        joined_number -> Int8,
        held_runs -> Array<Int8>,
        held_unread -> Int8,
        held_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    passkey_ceremonies (challenge) {
        challenge -> Bytea,
        user_id -> Nullable<Uuid>,
        state -> Bytea,
        expires_at -> Timestamptz,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    passkeys (id) {
        id -> Uuid,
        user_id -> Uuid,
        credential_id -> Bytea,
        name -> Text,
        static_state -> Bytea,
        dynamic_state -> Bytea,
        transports -> Int2,
        sign_count -> Int8,
        created_at -> Timestamptz,
        last_used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    password_resets (id) {
        id -> Uuid,
        user_id -> Nullable<Uuid>,
        email_key -> Text,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    payment_customers (id) {
        id -> Uuid,
        user_id -> Nullable<Uuid>,
        provider -> Text,
        reference -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    payment_disputes (id) {
        id -> Uuid,
        intent_id -> Uuid,
        order_id -> Uuid,
        provider -> Text,
        reference -> Text,
        amount -> Int8,
        currency -> Text,
        reason -> Nullable<Text>,
        status -> Text,
        money -> Text,
        due_by -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    payment_intents (id) {
        id -> Uuid,
        order_id -> Uuid,
        amount -> Int8,
        currency -> Text,
        status -> Text,
        provider -> Text,
        method -> Text,
        return_url -> Nullable<Text>,
        reference -> Nullable<Text>,
        failure -> Nullable<Text>,
        next_action_url -> Nullable<Text>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        refunded -> Int8,
        sealed_secret -> Nullable<Bytea>,
        disputed -> Int8,
        is_captured_later -> Bool,
        captured -> Nullable<Int8>,
        authorized_until -> Nullable<Timestamptz>,
        customer -> Nullable<Text>,
        is_method_stored -> Bool,
    }
}

diesel::table! {
    payment_methods (id) {
        id -> Uuid,
        customer_id -> Uuid,
        reference -> Nullable<Text>,
        brand -> Nullable<Text>,
        last4 -> Nullable<Text>,
        expiry_month -> Nullable<Int2>,
        expiry_year -> Nullable<Int2>,
        created_at -> Timestamptz,
        removed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    payout_accounts (shop_id) {
        shop_id -> Uuid,
        provider -> Text,
        destination -> Text,
        status -> Text,
        set_by -> Nullable<Uuid>,
        updated_at -> Timestamptz,
        requirement -> Nullable<Text>,
        lost -> Int4,
        named_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    payouts (id) {
        id -> Uuid,
        shop_id -> Uuid,
        amount -> Int8,
        currency -> Text,
        status -> Text,
        failure -> Nullable<Text>,
        attempt -> Int4,
        asked_at -> Nullable<Timestamptz>,
        provider -> Text,
        destination -> Text,
        reference -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        failures -> Int4,
    }
}

diesel::table! {
    preferences (user_id) {
        user_id -> Uuid,
        locale -> Nullable<Text>,
        currency -> Nullable<Text>,
        country -> Nullable<Text>,
        theme -> Text,
        notifications -> Jsonb,
        time_zone -> Nullable<Text>,
        quiet_from -> Nullable<Text>,
        quiet_until -> Nullable<Text>,
        has_read_receipts -> Bool,
        has_typing_indicators -> Bool,
        shows_text_in_pushes -> Bool,
        has_personalization -> Bool,
    }
}

diesel::table! {
    price_changes (id) {
        id -> Int8,
        variant_id -> Uuid,
        currency -> Text,
        amount -> Nullable<Int8>,
        compare_at_amount -> Nullable<Int8>,
        lowest_recent_amount -> Nullable<Int8>,
        is_for_sale -> Bool,
        actor_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    product_attributes (product_id, attribute_id) {
        product_id -> Uuid,
        attribute_id -> Uuid,
        text_value -> Nullable<Text>,
        number_value -> Nullable<Int8>,
        choice_id -> Nullable<Uuid>,
        boolean_value -> Nullable<Bool>,
        date_value -> Nullable<Date>,
    }
}

diesel::table! {
    product_holds (product_id) {
        product_id -> Uuid,
        cause_id -> Uuid,
        was_active -> Bool,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    product_import_rejects (import_id, line) {
        import_id -> Uuid,
        line -> Int8,
        reason -> Text,
    }
}

diesel::table! {
    product_imports (id) {
        id -> Uuid,
        shop_id -> Uuid,
        user_id -> Nullable<Uuid>,
        upload_id -> Uuid,
        format -> Nullable<Text>,
        policy -> Text,
        is_dry_run -> Bool,
        state -> Text,
        failure -> Nullable<Text>,
        failure_text -> Nullable<Text>,
        row_count -> Nullable<Int4>,
        record_count -> Int4,
        rows_read -> Int4,
        created -> Int4,
        updated -> Int4,
        unchanged -> Int4,
        rejected -> Int4,
        rejections -> Jsonb,
        notes -> Jsonb,
        created_at -> Timestamptz,
        progressed_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    product_kind_attributes (product_kind_id, attribute_id) {
        product_kind_id -> Uuid,
        attribute_id -> Uuid,
        ordinal -> Int4,
        is_required -> Bool,
    }
}

diesel::table! {
    product_kinds (id) {
        id -> Uuid,
        handle -> Text,
        name -> Text,
        version -> Int4,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    product_media (product_id, media_id) {
        product_id -> Uuid,
        media_id -> Uuid,
        ordinal -> Int4,
        alternative_text -> Text,
        source_url -> Nullable<Text>,
    }
}

diesel::table! {
    product_prices (product_id, currency) {
        product_id -> Uuid,
        currency -> Text,
        price_min -> Int8,
        price_max -> Int8,
        is_active -> Bool,
    }
}

diesel::table! {
    product_slugs (slug) {
        slug -> Text,
        product_id -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    product_translations (product_id, locale) {
        product_id -> Uuid,
        locale -> Text,
        title -> Text,
        description -> Text,
        options -> Jsonb,
    }
}

diesel::table! {
    product_variants (id) {
        id -> Uuid,
        product_id -> Uuid,
        shop_id -> Uuid,
        sku -> Text,
        title -> Text,
        ordinal -> Int4,
        currency -> Text,
        price -> Int8,
        version -> Int4,
        created_at -> Timestamptz,
        option_values -> Array<Text>,
        barcode -> Nullable<Text>,
        weight_grams -> Nullable<Int4>,
    }
}

diesel::table! {
    product_views (viewer_id, viewed_at, product_id) {
        viewer_id -> Uuid,
        viewed_at -> Timestamptz,
        product_id -> Uuid,
    }
}

diesel::table! {
    product_words (word) {
        word -> Text,
        products -> Int4,
        deletes -> Array<Text>,
        counted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use crate::kernel::tsvector::Tsvector;
    use diesel::sql_types::{Array, Bool, Bytea, Int4, Int8, Nullable, Text, Timestamptz, Uuid};

    products (id) {
        id -> Uuid,
        shop_id -> Uuid,
        category_id -> Nullable<Uuid>,
        slug -> Text,
        title -> Text,
        description -> Text,
        status -> Text,
        currency -> Text,
        price_min -> Int8,
        price_max -> Int8,
        sold_count -> Int8,
        search_words -> Text,
        search -> Tsvector,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        option_names -> Array<Text>,
        brand -> Text,
        tags -> Array<Text>,
        product_kind_id -> Nullable<Uuid>,
        publish_at -> Nullable<Timestamptz>,
        unpublish_at -> Nullable<Timestamptz>,
        tax_class_id -> Nullable<Uuid>,
        is_available -> Bool,
        rating_counts -> Array<Int4>,
        rating_average -> Int4,
        rating_rank -> Int4,
        other_prices -> Bytea,
        said -> Bytea,
        available_since -> Nullable<Timestamptz>,
        offered_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    promotion_uses (promotion_id, order_id) {
        promotion_id -> Uuid,
        order_id -> Uuid,
        user_id -> Nullable<Uuid>,
        currency -> Text,
        saved -> Int8,
        created_at -> Timestamptz,
        released_at -> Nullable<Timestamptz>,
        minimum_subtotal -> Nullable<Int8>,
    }
}

diesel::table! {
    promotions (id) {
        id -> Uuid,
        shop_id -> Uuid,
        name -> Text,
        code -> Nullable<Text>,
        kind -> Text,
        rate -> Nullable<Int4>,
        amount -> Nullable<Int8>,
        minimum_subtotal -> Nullable<Int8>,
        currency -> Nullable<Text>,
        starts_at -> Timestamptz,
        ends_at -> Nullable<Timestamptz>,
        limit_total -> Nullable<Int4>,
        limit_per_person -> Nullable<Int4>,
        used -> Int4,
        is_active -> Bool,
        version -> Int4,
        created_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    provider_events (provider, event_id) {
        provider -> Text,
        event_id -> Text,
        intent_id -> Nullable<Uuid>,
        sealed_body -> Bytea,
        deliveries -> Int4,
        received_at -> Timestamptz,
        processed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    provider_fees (id) {
        id -> Uuid,
        intent_id -> Uuid,
        dispute_id -> Nullable<Uuid>,
        provider -> Text,
        reference -> Text,
        amount -> Int8,
        currency -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    provider_flows (id) {
        id -> Uuid,
        provider -> Text,
        user_id -> Nullable<Uuid>,
        return_to -> Text,
        binding_hash -> Bytea,
        sealed_verifier -> Bytea,
        line_key -> Bytea,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    push_devices (id) {
        id -> Uuid,
        user_id -> Uuid,
        session_id -> Uuid,
        platform -> Text,
        token -> Text,
        token_hash -> Bytea,
        public_key -> Nullable<Bytea>,
        secret -> Nullable<Bytea>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    push_refusals (token_hash) {
        token_hash -> Bytea,
        refused_since -> Timestamptz,
    }
}

diesel::table! {
    quick_replies (id) {
        id -> Uuid,
        shop_id -> Uuid,
        shortcut -> Text,
        text -> Text,
        version -> Int4,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    recent_searches (user_id, words) {
        user_id -> Uuid,
        words -> Text,
        query -> Text,
        searched_at -> Timestamptz,
    }
}

diesel::table! {
    recommendation_baskets (order_id) {
        order_id -> Uuid,
        person_id -> Nullable<Uuid>,
        products -> Array<Uuid>,
    }
}

diesel::table! {
    recommendation_dismissals (user_id, product_id) {
        user_id -> Uuid,
        product_id -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    recommendation_neighbors (product_id, rank) {
        product_id -> Uuid,
        rank -> Int2,
        other_id -> Uuid,
        score -> Float8,
        weight -> Int8,
        backers -> Int4,
    }
}

diesel::table! {
    recommendation_pairs (low_id, high_id) {
        low_id -> Uuid,
        high_id -> Uuid,
        weight -> Int8,
        people -> Int4,
        strangers -> Int4,
    }
}

diesel::table! {
    recommendation_products (product_id) {
        product_id -> Uuid,
        mass -> Int8,
        orders -> Int8,
        staleness -> Int2,
    }
}

diesel::table! {
    refunds (id) {
        id -> Uuid,
        intent_id -> Uuid,
        order_id -> Uuid,
        part_id -> Nullable<Uuid>,
        amount -> Int8,
        currency -> Text,
        status -> Text,
        reason -> Nullable<Text>,
        attempt -> Int4,
        reference -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        booked_as -> Nullable<Uuid>,
    }
}

diesel::table! {
    return_lines (return_id, line_id) {
        return_id -> Uuid,
        line_id -> Uuid,
        quantity -> Int4,
        received -> Int4,
        restocked -> Int4,
    }
}

diesel::table! {
    returns (id) {
        id -> Uuid,
        part_id -> Uuid,
        shop_id -> Uuid,
        status -> Text,
        reason -> Text,
        refunded -> Int8,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    review_media (review_id, media_id) {
        review_id -> Uuid,
        media_id -> Uuid,
        ordinal -> Int4,
    }
}

diesel::table! {
    review_reports (review_id, reporter_id) {
        review_id -> Uuid,
        reporter_id -> Uuid,
        reason -> Text,
        note -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    reviews (id) {
        id -> Uuid,
        product_id -> Uuid,
        shop_id -> Uuid,
        variant_id -> Nullable<Uuid>,
        author_id -> Uuid,
        rating -> Int4,
        title -> Text,
        text -> Text,
        photo_count -> Int4,
        version -> Int4,
        created_at -> Timestamptz,
        edited_at -> Nullable<Timestamptz>,
        reply -> Nullable<Text>,
        replied_at -> Nullable<Timestamptz>,
        reply_edited_at -> Nullable<Timestamptz>,
        hidden_at -> Nullable<Timestamptz>,
        hidden_reason -> Nullable<Text>,
        reported_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    saved_addresses (id) {
        id -> Uuid,
        user_id -> Uuid,
        address -> Jsonb,
        is_default_shipping -> Bool,
        is_default_billing -> Bool,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    saved_searches (id) {
        id -> Uuid,
        user_id -> Uuid,
        name -> Text,
        filter -> Jsonb,
        locale -> Nullable<Text>,
        has_notices -> Bool,
        created_at -> Timestamptz,
        looked_at -> Timestamptz,
        look_at -> Timestamptz,
    }
}

diesel::table! {
    second_factors (user_id) {
        user_id -> Uuid,
        sealed_secret -> Bytea,
        last_step -> Int8,
        recovery_codes -> Array<Bytea>,
        created_at -> Timestamptz,
        confirmed_at -> Nullable<Timestamptz>,
        last_used_at -> Nullable<Timestamptz>,
        wrong -> Int4,
    }
}

diesel::table! {
    security_events (id) {
        id -> Uuid,
        user_id -> Uuid,
        kind -> Text,
        device -> Text,
        address -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    sessions (id) {
        id -> Uuid,
        user_id -> Uuid,
        device -> Text,
        address -> Nullable<Text>,
        generation -> Int4,
        rotated_at -> Timestamptz,
        created_at -> Timestamptz,
        last_seen_at -> Timestamptz,
        expires_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        ended_reason -> Nullable<Text>,
        changed_at -> Nullable<Timestamptz>,
        authenticated_at -> Nullable<Timestamptz>,
        authenticated_by -> Nullable<Text>,
    }
}

diesel::table! {
    shipment_lines (shipment_id, line_id) {
        shipment_id -> Uuid,
        line_id -> Uuid,
        quantity -> Int4,
    }
}

diesel::table! {
    shipments (id) {
        id -> Uuid,
        part_id -> Uuid,
        status -> Text,
        carrier -> Nullable<Text>,
        tracking_number -> Nullable<Text>,
        tracking_url -> Nullable<Text>,
        created_at -> Timestamptz,
        shipped_at -> Nullable<Timestamptz>,
        delivered_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    shipping_methods (id) {
        id -> Uuid,
        zone_id -> Uuid,
        ordinal -> Int4,
        name -> Text,
        description -> Nullable<Text>,
        minimum_weight_grams -> Nullable<Int4>,
        maximum_weight_grams -> Nullable<Int4>,
        days_from -> Nullable<Int4>,
        days_until -> Nullable<Int4>,
        is_active -> Bool,
        version -> Int4,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    shipping_rates (method_id, currency) {
        method_id -> Uuid,
        currency -> Text,
        price -> Int8,
        minimum_subtotal -> Nullable<Int8>,
        maximum_subtotal -> Nullable<Int8>,
        free_from -> Nullable<Int8>,
    }
}

diesel::table! {
    shipping_zone_countries (shop_id, country) {
        shop_id -> Uuid,
        country -> Text,
        zone_id -> Uuid,
    }
}

diesel::table! {
    shipping_zones (id) {
        id -> Uuid,
        shop_id -> Uuid,
        name -> Text,
        is_rest_of_world -> Bool,
        version -> Int4,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    shop_document_series (shop_id, kind) {
        shop_id -> Uuid,
        kind -> Text,
        last_number -> Int4,
    }
}

diesel::table! {
    shop_documents (id) {
        id -> Uuid,
        kind -> Text,
        shop_id -> Uuid,
        number -> Int4,
        part_id -> Uuid,
        invoice_id -> Nullable<Uuid>,
        refund_id -> Nullable<Uuid>,
        currency -> Text,
        total -> Int8,
        tax -> Int8,
        content -> Jsonb,
        recipient -> Nullable<Jsonb>,
        issued_at -> Timestamptz,
    }
}

diesel::table! {
    shop_follows (user_id, shop_id) {
        user_id -> Uuid,
        shop_id -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    shop_members (shop_id, user_id) {
        shop_id -> Uuid,
        user_id -> Uuid,
        role -> Text,
        created_at -> Timestamptz,
        is_accepted -> Bool,
    }
}

diesel::table! {
    shop_policies (shop_id, kind) {
        shop_id -> Uuid,
        kind -> Text,
        body -> Text,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    shop_profiles (shop_id) {
        shop_id -> Uuid,
        banner_id -> Nullable<Uuid>,
        banner_text -> Text,
        ships_from -> Nullable<Jsonb>,
        holiday_from -> Nullable<Timestamptz>,
        holiday_until -> Nullable<Timestamptz>,
        holiday_note -> Text,
    }
}

diesel::table! {
    shop_ratings (shop_id) {
        shop_id -> Uuid,
        counts -> Array<Int4>,
    }
}

diesel::table! {
    shops (id) {
        id -> Uuid,
        handle -> Text,
        name -> Text,
        description -> Text,
        currency -> Text,
        country -> Text,
        version -> Int4,
        created_at -> Timestamptz,
        commission_rate -> Nullable<Int4>,
    }
}

diesel::table! {
    sign_in_challenges (id) {
        id -> Uuid,
        user_id -> Uuid,
        attempts -> Int4,
        expires_at -> Timestamptz,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    signing_keys (id) {
        id -> Text,
        public_key -> Bytea,
        sealed_key -> Bytea,
        created_at -> Timestamptz,
        retired_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    staff_grants (id) {
        id -> Uuid,
        staff_id -> Uuid,
        user_id -> Uuid,
        reason -> Text,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    stock_levels (variant_id, location_id) {
        variant_id -> Uuid,
        location_id -> Uuid,
        on_hand -> Int4,
        backordered -> Int4,
    }
}

diesel::table! {
    stock_movements (id) {
        id -> Uuid,
        variant_id -> Uuid,
        location_id -> Uuid,
        delta -> Int4,
        reason -> Text,
        cause_id -> Nullable<Uuid>,
        actor_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    stock_reservations (holder_id, variant_id) {
        holder_id -> Uuid,
        variant_id -> Uuid,
        quantity -> Int4,
        since -> Timestamptz,
        expires_at -> Timestamptz,
        line_key -> Nullable<Bytea>,
    }
}

diesel::table! {
    stock_reserves (variant_id) {
        variant_id -> Uuid,
        reserved -> Int8,
    }
}

diesel::table! {
    stock_rules (variant_id) {
        variant_id -> Uuid,
        backorder_limit -> Int4,
        low_stock_threshold -> Nullable<Int4>,
    }
}

diesel::table! {
    support_calls (id) {
        id -> Uuid,
        conversation_id -> Uuid,
        called_by -> Uuid,
        called_at -> Timestamptz,
        staff_id -> Nullable<Uuid>,
        answered_at -> Nullable<Timestamptz>,
        closed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    suspensions (user_id) {
        user_id -> Uuid,
        cause_id -> Uuid,
        until -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    tax_classes (id) {
        id -> Uuid,
        handle -> Text,
        name -> Text,
        version -> Int4,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    test_provider_acts (key) {
        key -> Text,
        kind -> Text,
        payment -> Nullable<Uuid>,
        destination -> Nullable<Text>,
        amount -> Int8,
        currency -> Text,
        outcome -> Text,
        dispute_status -> Nullable<Text>,
        dispute_money -> Nullable<Text>,
        created_at -> Timestamptz,
        fee -> Nullable<Int8>,
    }
}

diesel::table! {
    transfers (id) {
        id -> Uuid,
        debit_id -> Uuid,
        credit_id -> Uuid,
        amount -> Int8,
        currency -> Text,
        cause -> Text,
        cause_id -> Uuid,
        created_at -> Timestamptz,
        part_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    trending_products (place, rank) {
        place -> Text,
        rank -> Int2,
        product_id -> Uuid,
        people -> Int4,
    }
}

diesel::table! {
    trending_searches (rank) {
        rank -> Int2,
        words -> Text,
        people -> Int4,
    }
}

diesel::table! {
    undeliverable (key) {
        key -> Bytea,
        until -> Timestamptz,
    }
}

diesel::table! {
    uploads (id) {
        id -> Uuid,
        user_id -> Uuid,
        purpose -> Text,
        byte_size -> Int8,
        media_id -> Nullable<Uuid>,
        expires_at -> Timestamptz,
        created_at -> Timestamptz,
        attempts -> Int4,
        file_id -> Nullable<Uuid>,
        is_kept -> Bool,
        content_type -> Nullable<Text>,
    }
}

diesel::table! {
    usage_clients (id) {
        id -> Int4,
        name -> Text,
        version -> Text,
    }
}

diesel::table! {
    users (id) {
        id -> Uuid,
        email -> Nullable<Text>,
        email_key -> Nullable<Text>,
        password_hash -> Nullable<Text>,
        display_name -> Text,
        bio -> Text,
        role -> Text,
        is_demo -> Bool,
        version -> Int4,
        created_at -> Timestamptz,
        erased_at -> Nullable<Timestamptz>,
        locale -> Text,
        handle -> Nullable<Text>,
        avatar_id -> Nullable<Uuid>,
        settings_version -> Int4,
    }
}

diesel::table! {
    variant_media (variant_id) {
        variant_id -> Uuid,
        product_id -> Uuid,
        media_id -> Uuid,
    }
}

diesel::table! {
    variant_prices (variant_id, currency) {
        variant_id -> Uuid,
        currency -> Text,
        amount -> Int8,
        compare_at_amount -> Nullable<Int8>,
        lowest_recent_amount -> Nullable<Int8>,
        is_for_sale -> Bool,
    }
}

diesel::table! {
    verifications (id) {
        id -> Uuid,
        email -> Text,
        email_key -> Text,
        password_hash -> Nullable<Text>,
        is_confirmable -> Bool,
        display_name -> Text,
        locale -> Text,
        attempts -> Int4,
        sent_count -> Int4,
        sent_at -> Timestamptz,
        expires_at -> Timestamptz,
        confirmed_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    view_tallies (viewer_id) {
        viewer_id -> Uuid,
        told -> Int4,
        begun_at -> Timestamptz,
    }
}

diesel::table! {
    wanted_images (product_id, url) {
        product_id -> Uuid,
        url -> Text,
        ordinal -> Int4,
        alternative_text -> Text,
        skus -> Array<Text>,
        attempts -> Int4,
        due_at -> Nullable<Timestamptz>,
        failure -> Nullable<Text>,
    }
}

diesel::table! {
    wish_list_items (id) {
        id -> Uuid,
        wish_list_id -> Uuid,
        product_id -> Uuid,
        variant_id -> Nullable<Uuid>,
        quantity -> Int4,
        note -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    wish_lists (id) {
        id -> Uuid,
        owner_id -> Uuid,
        name -> Text,
        visibility -> Text,
        link_id -> Nullable<Uuid>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    account_deletions,
    accounts,
    api_keys,
    attribute_choice_translations,
    attribute_choices,
    attribute_translations,
    attributes,
    audit_entries,
    availability_notices,
    blocks,
    captures,
    cart_lines,
    carts,
    catalogue,
    categories,
    category_translations,
    claims,
    client_settings,
    conversations,
    cost_buckets,
    country_tax_rates,
    country_taxes,
    data_exports,
    document_usage,
    documents,
    documents_state,
    email_changes,
    event_log,
    event_outbox,
    events,
    favorites,
    field_usage,
    former_addresses,
    group_invitations,
    guesses,
    guest_orders,
    handles,
    idempotency_keys,
    identities,
    import_keys,
    jobs,
    locations,
    media,
    message_attachments,
    message_digests,
    message_filters,
    message_mentions,
    message_reactions,
    message_revisions,
    message_watches,
    messages,
    moderation_cases,
    moderation_notices,
    moderation_reports,
    notifications,
    open_attempts,
    order_added_lines,
    order_additions,
    order_lines,
    order_part_notes,
    order_parts,
    order_return_lines,
    order_returns,
    order_steps,
    orders,
    participants,
    passkey_ceremonies,
    passkeys,
    password_resets,
    payment_customers,
    payment_disputes,
    payment_intents,
    payment_methods,
    payout_accounts,
    payouts,
    preferences,
    price_changes,
    product_attributes,
    product_holds,
    product_import_rejects,
    product_imports,
    product_kind_attributes,
    product_kinds,
    product_media,
    product_prices,
    product_slugs,
    product_translations,
    product_variants,
    product_views,
    product_words,
    products,
    promotion_uses,
    promotions,
    provider_events,
    provider_fees,
    provider_flows,
    push_devices,
    push_refusals,
    quick_replies,
    recent_searches,
    recommendation_baskets,
    recommendation_dismissals,
    recommendation_neighbors,
    recommendation_pairs,
    recommendation_products,
    refunds,
    return_lines,
    returns,
    review_media,
    review_reports,
    reviews,
    saved_addresses,
    saved_searches,
    second_factors,
    security_events,
    sessions,
    shipment_lines,
    shipments,
    shipping_methods,
    shipping_rates,
    shipping_zone_countries,
    shipping_zones,
    shop_document_series,
    shop_documents,
    shop_follows,
    shop_members,
    shop_policies,
    shop_profiles,
    shop_ratings,
    shops,
    sign_in_challenges,
    signing_keys,
    staff_grants,
    stock_levels,
    stock_movements,
    stock_reservations,
    stock_reserves,
    stock_rules,
    support_calls,
    suspensions,
    tax_classes,
    test_provider_acts,
    transfers,
    trending_products,
    trending_searches,
    undeliverable,
    uploads,
    usage_clients,
    users,
    variant_media,
    variant_prices,
    verifications,
    view_tallies,
    wanted_images,
    wish_list_items,
    wish_lists,
);
