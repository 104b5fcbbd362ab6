//! The tables as diesel sees them; `migrations/` creates them. A test compares the two.

diesel::table! {
    accounts (id) {
        id -> Text,
        name -> Text,
        role -> Text,
        city -> Nullable<Text>,
        school_id -> Nullable<Text>,
        employer_id -> Nullable<Text>,
        graduate_id -> Nullable<Text>,
        password_hash -> Text,
        disabled_at -> Nullable<Timestamp>,
        revision -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    sessions (token_hash) {
        token_hash -> Text,
        account_id -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    api_keys (id) {
        id -> Text,
        account_id -> Text,
        name -> Text,
        key_hash -> Text,
        scopes -> Text,
        expires_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    idempotency_keys (caller, idempotency_key) {
        caller -> Text,
        idempotency_key -> Text,
        request_hash -> Text,
        status -> Nullable<Integer>,
        headers -> Nullable<Text>,
        body -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    claims (name) {
        name -> Text,
        owner -> Text,
        until -> Timestamp,
    }
}

diesel::table! {
    audit_events (seq) {
        seq -> BigInt,
        at -> Timestamp,
        actor -> Text,
        action -> Text,
        subject -> Text,
        detail -> Text,
        previous_hash -> Text,
        hash -> Text,
    }
}

diesel::table! {
    sequences (name) {
        name -> Text,
        last -> BigInt,
    }
}

diesel::table! {
    employers (id) {
        id -> Text,
        name -> Text,
        uscc -> Nullable<Text>,
        nature -> Nullable<Text>,
        industry -> Nullable<Text>,
        city -> Nullable<Text>,
        district -> Nullable<Text>,
        address -> Nullable<Text>,
        introduction -> Nullable<Text>,
        contact_name -> Nullable<Text>,
        contact_phone -> Nullable<Text>,
        handicraft -> Nullable<Bool>,
        verified_at -> Nullable<Timestamp>,
        verified_by -> Nullable<Text>,
        verification -> Nullable<Text>,
        revision -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    schools (id) {
        id -> Text,
        name -> Text,
        uscc -> Nullable<Text>,
        kind -> Text,
        city -> Text,
        district -> Nullable<Text>,
        address -> Nullable<Text>,
        introduction -> Nullable<Text>,
        revision -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    majors (id) {
        id -> Text,
        school_id -> Text,
        name -> Text,
        programme -> Text,
        catalogue -> Nullable<Text>,
        code -> Nullable<Text>,
        skills -> Text,
        graduates_yearly -> Nullable<Integer>,
        revision -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    graduates (id) {
        id -> Text,
        school_id -> Nullable<Text>,
        student_number -> Nullable<Text>,
        name -> Text,
        birth_date -> Nullable<Date>,
        phone -> Nullable<Text>,
        email -> Nullable<Text>,
        job_intent -> Text,
        intent_since -> Nullable<Timestamp>,
        profile -> Text,
        graduates_on -> Nullable<Date>,
        verified_at -> Nullable<Timestamp>,
        revision -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    consents (id) {
        id -> Text,
        graduate_id -> Text,
        purpose -> Text,
        recipient -> Nullable<Text>,
        data_kinds -> Text,
        text_version -> Text,
        granted_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    vacancies (id) {
        id -> Text,
        status -> Text,
        revision -> BigInt,
        employer_id -> Nullable<Text>,
        title -> Text,
        city -> Nullable<Text>,
        district -> Nullable<Text>,
        handicraft -> Bool,
        body -> Text,
        content_hash -> Text,
        findings -> Text,
        lexicon_version -> Text,
        merged_into -> Nullable<Text>,
        closed_reason -> Nullable<Text>,
        valid_from -> Nullable<Date>,
        expires_at -> Nullable<Date>,
        published_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        renewals -> BigInt,
        closing -> Nullable<Text>,
    }
}

diesel::table! {
    vacancy_reviews (id) {
        id -> Text,
        vacancy_id -> Text,
        city -> Nullable<Text>,
        snapshot -> Text,
        changed -> Text,
        findings -> Text,
        dismissed -> Text,
        indicators -> Text,
        submitted_at -> Timestamp,
        outcome -> Nullable<Text>,
        reviewer -> Nullable<Text>,
        reason -> Nullable<Text>,
        decided_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    vacancy_events (seq) {
        seq -> BigInt,
        vacancy_id -> Text,
        revision -> BigInt,
        kind -> Text,
        status -> Text,
        actor -> Text,
        reason -> Nullable<Text>,
        at -> Timestamp,
    }
}

diesel::table! {
    vacancy_sources (source_id, reference) {
        source_id -> Text,
        reference -> Text,
        vacancy_id -> Text,
        source_name -> Text,
        label -> Nullable<Text>,
        url -> Nullable<Text>,
        row_hash -> Text,
        changed_at -> Nullable<Text>,
        first_seen_at -> Timestamp,
        last_seen_at -> Timestamp,
        leads -> Bool,
        missed -> BigInt,
        gone_at -> Nullable<Timestamp>,
        body -> Nullable<Text>,
    }
}

diesel::table! {
    vacancy_bands (band, vacancy_id) {
        band -> BigInt,
        vacancy_id -> Text,
    }
}

diesel::table! {
    sources (id) {
        id -> Text,
        name -> Text,
        kind -> Text,
        url -> Nullable<Text>,
        label -> Nullable<Text>,
        city -> Nullable<Text>,
        allow_private_network -> Bool,
        schedule -> Nullable<Text>,
        mapping -> Nullable<Text>,
        feed_cursor -> Nullable<Text>,
        disabled_at -> Nullable<Timestamp>,
        revision -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        missing_share_max -> Nullable<Double>,
        next_due_at -> Nullable<Timestamp>,
        snapshot_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    ingest_runs (id) {
        id -> Text,
        source_id -> Text,
        status -> Text,
        reason -> Nullable<Text>,
        fetched -> BigInt,
        created -> BigInt,
        updated -> BigInt,
        unchanged -> BigInt,
        merged -> BigInt,
        closed -> BigInt,
        rejected -> BigInt,
        quarantined_fields -> Text,
        started_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
        replay_of -> Nullable<Text>,
    }
}

diesel::table! {
    matching_runs (id) {
        id -> Text,
        status -> Text,
        school_id -> Nullable<Text>,
        area -> Text,
        matches -> Integer,
        total -> BigInt,
        done -> BigInt,
        last_graduate -> Nullable<Text>,
        events -> BigInt,
        weights_version -> Text,
        reason -> Nullable<Text>,
        revision -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    matching_results (run_id, graduate_id) {
        run_id -> Text,
        graduate_id -> Text,
        events -> BigInt,
        matches -> Text,
    }
}

diesel::table! {
    ingest_rejects (source_id, row_key, code) {
        source_id -> Text,
        row_key -> Text,
        code -> Text,
        reference -> Nullable<Text>,
        detail -> Text,
        raw -> Text,
        place -> BigInt,
        times -> BigInt,
        first_run_id -> Text,
        last_run_id -> Text,
        resolved_run_id -> Nullable<Text>,
    }
}

diesel::table! {
    venues (id) {
        id -> Text,
        school_id -> Nullable<Text>,
        name -> Text,
        city -> Text,
        district -> Nullable<Text>,
        address -> Nullable<Text>,
        booths -> Integer,
        capacity -> Nullable<Integer>,
        opens_at -> Nullable<Text>,
        closes_at -> Nullable<Text>,
        revision -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    blackouts (id) {
        id -> Text,
        venue_id -> Nullable<Text>,
        school_id -> Nullable<Text>,
        city -> Nullable<Text>,
        first_day -> Date,
        last_day -> Date,
        reason -> Text,
        revision -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    fairs (id) {
        id -> Text,
        kind -> Text,
        status -> Text,
        title -> Text,
        description -> Nullable<Text>,
        city -> Text,
        school_id -> Nullable<Text>,
        venue_id -> Nullable<Text>,
        organiser -> Text,
        contact -> Nullable<Text>,
        starts_at -> Timestamp,
        ends_at -> Timestamp,
        registration_closes_at -> Nullable<Timestamp>,
        booths -> Integer,
        seats -> Nullable<Integer>,
        expected_visitors -> Nullable<Integer>,
        open_to_public -> Bool,
        filing -> Text,
        calendar_sequence -> Integer,
        published_at -> Nullable<Timestamp>,
        cancelled_reason -> Nullable<Text>,
        revision -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    fair_exhibitors (id) {
        id -> Text,
        fair_id -> Text,
        session -> Integer,
        employer_id -> Text,
        turn -> Integer,
        status -> Text,
        booth -> Nullable<Integer>,
        kept_until -> Nullable<Timestamp>,
        brings -> Text,
        documents_checked_at -> Nullable<Timestamp>,
        presence -> Nullable<Text>,
        contact_name -> Nullable<Text>,
        contact_phone -> Nullable<Text>,
        vacancies -> Text,
        wishes -> Nullable<Text>,
        reason -> Nullable<Text>,
        revision -> BigInt,
        applied_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    fair_attendances (id) {
        id -> Text,
        fair_id -> Text,
        session -> Integer,
        graduate_id -> Text,
        status -> Text,
        seat -> Nullable<Integer>,
        walk_in -> Bool,
        entrance -> Nullable<Text>,
        checked_in_at -> Nullable<Timestamp>,
        revision -> BigInt,
        reserved_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    subscriptions (id) {
        id -> Text,
        account_id -> Text,
        body -> Text,
        secret -> Text,
        active -> Bool,
        position -> BigInt,
        revision -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    deliveries (id) {
        id -> Text,
        subscription_id -> Text,
        status -> Text,
        payload -> Text,
        changes -> BigInt,
        attempts -> BigInt,
        next_attempt_at -> Nullable<Timestamp>,
        last_attempt_at -> Nullable<Timestamp>,
        response_status -> Nullable<Integer>,
        failure -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    fair_requests (id) {
        id -> Text,
        kind -> Text,
        title -> Text,
        city -> Text,
        school_id -> Nullable<Text>,
        employer_id -> Nullable<Text>,
        venue_id -> Nullable<Text>,
        booths -> Integer,
        expected_visitors -> Nullable<Integer>,
        teams -> Integer,
        first_day -> Date,
        last_day -> Date,
        max_shift_weeks -> Integer,
        wishes -> Text,
        fair_id -> Nullable<Text>,
        revision -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    fair_plans (id) {
        id -> Text,
        area -> Text,
        status -> Text,
        asked -> Text,
        answer -> Text,
        revision -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    fair_interview_wishes (id) {
        id -> Text,
        fair_id -> Text,
        graduate_id -> Text,
        employer_id -> Text,
        graduate_weight -> Nullable<Integer>,
        employer_weight -> Nullable<Integer>,
        starts_at -> Nullable<Timestamp>,
        ends_at -> Nullable<Timestamp>,
        desk -> Nullable<Integer>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        calendar_sequence -> Integer,
    }
}

diesel::table! {
    fair_arrangements (fair_id) {
        fair_id -> Text,
        body -> Text,
        revision -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    fair_walk_ins (id) {
        id -> Text,
        fair_id -> Text,
        session -> Integer,
        school_id -> Nullable<Text>,
        entrance -> Nullable<Text>,
        people -> Integer,
        arrived_at -> Timestamp,
    }
}

diesel::table! {
    ticket_keys (kid) {
        kid -> Text,
        public_key -> Text,
        secret -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    calendar_tokens (graduate_id) {
        graduate_id -> Text,
        token_hash -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    fair_timetables (fair_id) {
        fair_id -> Text,
        asked -> Text,
        answer -> Text,
        revision -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    fair_outcomes (id) {
        id -> Text,
        fair_id -> Text,
        graduate_id -> Text,
        employer_id -> Text,
        outcome -> Text,
        note -> Nullable<Text>,
        revision -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        hired_on -> Nullable<Date>,
        registered_on -> Nullable<Date>,
    }
}

diesel::table! {
    fair_documents (id) {
        id -> Text,
        fair_id -> Text,
        kind -> Text,
        title -> Text,
        media_type -> Nullable<Text>,
        bytes -> Nullable<BigInt>,
        sha256 -> Text,
        reference -> Nullable<Text>,
        content -> Nullable<Text>,
        covers -> Text,
        added_by -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    fair_reminders (id) {
        id -> Text,
        fair_id -> Text,
        city -> Text,
        duty -> Text,
        days_left -> Integer,
        due_on -> Date,
        created_at -> Timestamp,
    }
}

diesel::table! {
    fair_feedback (id) {
        id -> Text,
        fair_id -> Text,
        graduate_id -> Nullable<Text>,
        employer_id -> Nullable<Text>,
        rating -> Integer,
        note -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    placements (id) {
        id -> Text,
        school_id -> Nullable<Text>,
        area -> Text,
        objective -> Text,
        asked -> Text,
        certificate -> Text,
        took_ms -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    training_orders (id) {
        id -> Text,
        employer_id -> Text,
        school_id -> Text,
        city -> Text,
        status -> Text,
        offered_by -> Text,
        headcount -> Integer,
        body -> Text,
        reason -> Nullable<Text>,
        revision -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    training_trainees (order_id, graduate_id) {
        order_id -> Text,
        graduate_id -> Text,
        enrolled_on -> Date,
        finished_on -> Nullable<Date>,
        certificate -> Nullable<Text>,
        hired_on -> Nullable<Date>,
        wage -> Nullable<BigInt>,
        retained_six_months -> Nullable<Bool>,
        revision -> BigInt,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    placement_graduates (placement_id, graduate_id) {
        placement_id -> Text,
        graduate_id -> Text,
        vacancy_id -> Nullable<Text>,
        outcome -> Text,
    }
}

diesel::table! {
    vacancy_reminders (id) {
        id -> Text,
        vacancy_id -> Text,
        employer_id -> Text,
        city -> Nullable<Text>,
        title -> Text,
        days_left -> Integer,
        expires_at -> Date,
        created_at -> Timestamp,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    accounts,
    api_keys,
    audit_events,
    blackouts,
    calendar_tokens,
    claims,
    consents,
    deliveries,
    employers,
    fair_arrangements,
    fair_attendances,
    fair_exhibitors,
    fair_interview_wishes,
    fair_documents,
    fair_feedback,
    fair_outcomes,
    fair_plans,
    fair_reminders,
    fair_requests,
    fair_timetables,
    fair_walk_ins,
    fairs,
    graduates,
    idempotency_keys,
    ingest_rejects,
    ingest_runs,
    majors,
    placement_graduates,
    placements,
    matching_results,
    matching_runs,
    schools,
    sequences,
    sessions,
    sources,
    subscriptions,
    ticket_keys,
    training_orders,
    training_trainees,
    vacancies,
    vacancy_bands,
    vacancy_events,
    vacancy_reminders,
    vacancy_reviews,
    vacancy_sources,
    venues,
);

diesel::joinable!(vacancies -> employers (employer_id));
diesel::joinable!(fair_exhibitors -> employers (employer_id));
diesel::joinable!(fair_exhibitors -> fairs (fair_id));
diesel::joinable!(fair_attendances -> fairs (fair_id));
diesel::joinable!(fair_attendances -> graduates (graduate_id));
diesel::joinable!(fair_interview_wishes -> graduates (graduate_id));
diesel::joinable!(fair_interview_wishes -> fairs (fair_id));
diesel::joinable!(fair_interview_wishes -> employers (employer_id));
diesel::joinable!(fair_outcomes -> graduates (graduate_id));
diesel::joinable!(fair_reminders -> fairs (fair_id));
diesel::joinable!(fairs -> venues (venue_id));
diesel::joinable!(fairs -> schools (school_id));
diesel::joinable!(matching_results -> matching_runs (run_id));
diesel::joinable!(matching_results -> graduates (graduate_id));
diesel::joinable!(ingest_runs -> sources (source_id));
diesel::joinable!(deliveries -> subscriptions (subscription_id));
diesel::joinable!(sessions -> accounts (account_id));
diesel::joinable!(api_keys -> accounts (account_id));
diesel::joinable!(training_trainees -> training_orders (order_id));
diesel::joinable!(training_trainees -> graduates (graduate_id));
diesel::joinable!(placement_graduates -> graduates (graduate_id));
diesel::joinable!(placement_graduates -> placements (placement_id));
diesel::joinable!(graduates -> schools (school_id));
diesel::joinable!(majors -> schools (school_id));
diesel::joinable!(consents -> graduates (graduate_id));
diesel::joinable!(vacancy_reviews -> vacancies (vacancy_id));
diesel::joinable!(vacancy_sources -> vacancies (vacancy_id));
diesel::allow_columns_to_appear_in_same_group_by_clause!(
    fair_attendances::session,
    fair_attendances::status,
    fair_attendances::walk_in,
    fair_attendances::entrance,
    graduates::school_id,
);
