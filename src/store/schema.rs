//! The tables, as diesel sees them. Made from the migrations; a test compares it with both databases.

diesel::table! {
    installation (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    accounts (id) {
        id -> BigInt,
        name -> Text,
        status -> Text,
        created_at -> BigInt,
        title -> Text,
        reseller_id -> BigInt,
        plan_id -> BigInt,
        note -> Text,
        suspended_reason -> Text,
        suspended_at -> BigInt,
        status_before -> Text,
        terminated_at -> BigInt,
        purge_at -> BigInt,
        disk_warned -> BigInt,
        traffic_warned -> BigInt,
    }
}

diesel::table! {
    users (id) {
        id -> BigInt,
        email -> Text,
        name -> Text,
        slug -> Text,
        bio -> Text,
        password_hash -> Text,
        password_scheme -> Text,
        status -> Text,
        locale -> Text,
        appearance -> Text,
        totp_sealed -> Text,
        totp_pending -> Text,
        totp_last_step -> BigInt,
        created_at -> BigInt,
        signed_in_at -> BigInt,
        passkeys -> BigInt,
    }
}

diesel::table! {
    recovery_codes (id) {
        id -> BigInt,
        user_id -> BigInt,
        code_hash -> Text,
        used_at -> BigInt,
    }
}

diesel::table! {
    held_roles (user_id, scope, scope_id) {
        user_id -> BigInt,
        scope -> Text,
        scope_id -> BigInt,
        role -> Text,
    }
}

diesel::table! {
    sessions (id) {
        id -> BigInt,
        user_id -> BigInt,
        token_hash -> Text,
        half -> Bool,
        address -> Text,
        agent -> Text,
        created_at -> BigInt,
        seen_at -> BigInt,
        acting_account -> BigInt,
        confirmed_at -> BigInt,
    }
}

diesel::table! {
    tokens (id) {
        id -> BigInt,
        user_id -> BigInt,
        site_id -> BigInt,
        name -> Text,
        token_hash -> Text,
        scopes -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> BigInt,
        used_from -> Text,
        addresses -> Text,
    }
}

diesel::table! {
    one_time_links (token_hash) {
        token_hash -> Text,
        kind -> Text,
        user_id -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    sign_in_failures (id) {
        id -> BigInt,
        subject -> Text,
        failed_at -> BigInt,
    }
}

diesel::table! {
    audit_rows (id) {
        id -> BigInt,
        chain -> Text,
        position -> BigInt,
        site_id -> BigInt,
        actor -> Text,
        actor_id -> BigInt,
        action -> Text,
        object -> Text,
        detail -> Text,
        address -> Text,
        acted_at -> BigInt,
        hash -> Text,
    }
}

diesel::table! {
    audit_heads (chain) {
        chain -> Text,
        position -> BigInt,
        hash -> Text,
    }
}

diesel::table! {
    sites (id) {
        id -> BigInt,
        account_id -> BigInt,
        name -> Text,
        kind -> Text,
        status -> Text,
        created_at -> BigInt,
        root -> Text,
    }
}

diesel::table! {
    plans (id) {
        id -> BigInt,
        reseller_id -> BigInt,
        name -> Text,
        limits -> Text,
        features -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    resellers (id) {
        id -> BigInt,
        name -> Text,
        status -> Text,
        limits -> Text,
        features -> Text,
        privileges -> Text,
        brand -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    account_usage (account_id) {
        account_id -> BigInt,
        disk_bytes -> BigInt,
        files -> BigInt,
        counted_at -> BigInt,
        is_exact -> Bool,
    }
}

diesel::table! {
    traffic_days (account_id, day, site_id, service) {
        account_id -> BigInt,
        site_id -> BigInt,
        service -> Text,
        day -> BigInt,
        requests -> BigInt,
        bytes -> BigInt,
    }
}

diesel::table! {
    site_domains (id) {
        id -> BigInt,
        site_id -> BigInt,
        host -> Text,
        kind -> Text,
        created_at -> BigInt,
        state -> Text,
        becomes -> Text,
        proof -> Text,
        proof_token -> Text,
        proved_at -> BigInt,
        points -> Text,
        looked_at -> BigInt,
        turned -> Text,
    }
}

diesel::table! {
    domain_looks (site_id, domain_id, kind) {
        site_id -> BigInt,
        domain_id -> BigInt,
        kind -> Text,
        found -> Text,
        looked_at -> BigInt,
    }
}

diesel::table! {
    settings (site_id, name) {
        site_id -> BigInt,
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    design_drafts (site_id, theme) {
        site_id -> BigInt,
        theme -> Text,
        version -> BigInt,
        changes -> Text,
        steps -> Text,
        updated_by -> BigInt,
        updated_at -> BigInt,
        publish_at -> BigInt,
        publish_by -> BigInt,
        share_number -> BigInt,
        share_until -> BigInt,
    }
}

diesel::table! {
    design_states (id) {
        id -> BigInt,
        site_id -> BigInt,
        theme -> Text,
        settings -> Text,
        how -> Text,
        published_by -> BigInt,
        published_at -> BigInt,
    }
}

diesel::table! {
    jobs (id) {
        id -> BigInt,
        site_id -> BigInt,
        kind -> Text,
        payload -> Text,
        state -> Text,
        done -> BigInt,
        total -> BigInt,
        message -> Text,
        result -> Text,
        attempts -> BigInt,
        run_at -> BigInt,
        lease_until -> BigInt,
        lease_token -> Text,
        cancel_asked -> Bool,
        unique_key -> Nullable<Text>,
        created_by -> BigInt,
        created_at -> BigInt,
        started_at -> BigInt,
        ended_at -> BigInt,
    }
}

diesel::table! {
    entries (id) {
        id -> BigInt,
        site_id -> BigInt,
        public_id -> Text,
        kind -> Text,
        status -> Text,
        status_before_trash -> Text,
        visibility -> Text,
        password -> Text,
        title -> Text,
        slug -> Text,
        path -> Nullable<Text>,
        excerpt -> Text,
        summary -> Text,
        document -> Text,
        fields -> Text,
        author_id -> BigInt,
        parent_id -> BigInt,
        cover_id -> BigInt,
        template -> Text,
        position -> BigInt,
        sticky -> Bool,
        comments_open -> Bool,
        comment_count -> BigInt,
        seo_title -> Text,
        seo_description -> Text,
        word_count -> BigInt,
        published_at -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        trashed_at -> BigInt,
        version -> BigInt,
        search_key -> BigInt,
    }
}

diesel::table! {
    revisions (id) {
        id -> BigInt,
        site_id -> BigInt,
        entry_id -> BigInt,
        version -> BigInt,
        action -> Text,
        author_id -> BigInt,
        snapshot -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    autosaves (entry_id, user_id) {
        site_id -> BigInt,
        entry_id -> BigInt,
        user_id -> BigInt,
        base_version -> BigInt,
        snapshot -> Text,
        saved_at -> BigInt,
    }
}

diesel::table! {
    entry_locks (entry_id) {
        entry_id -> BigInt,
        site_id -> BigInt,
        user_id -> BigInt,
        taken_at -> BigInt,
        seen_at -> BigInt,
    }
}

diesel::table! {
    terms (id) {
        id -> BigInt,
        site_id -> BigInt,
        taxonomy -> Text,
        parent_id -> BigInt,
        slug -> Text,
        path -> Text,
        name -> Text,
        description -> Text,
        image_id -> BigInt,
        template -> Text,
        seo_title -> Text,
        seo_description -> Text,
        entry_count -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    entry_terms (entry_id, term_id) {
        site_id -> BigInt,
        entry_id -> BigInt,
        term_id -> BigInt,
        live -> Bool,
        published_at -> BigInt,
    }
}

diesel::table! {
    old_paths (site_id, path) {
        site_id -> BigInt,
        path -> Text,
        entry_id -> BigInt,
        term_id -> BigInt,
        target -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    counters (site_id, name) {
        site_id -> BigInt,
        name -> Text,
        value -> BigInt,
    }
}

diesel::table! {
    media (id) {
        id -> BigInt,
        site_id -> BigInt,
        public_id -> Text,
        hash -> Text,
        filename -> Text,
        path -> Nullable<Text>,
        content_type -> Text,
        bytes -> BigInt,
        width -> BigInt,
        height -> BigInt,
        colour -> Text,
        title -> Text,
        alt -> Text,
        decorative -> Bool,
        caption -> Text,
        credit -> Text,
        licence -> Text,
        uploaded_by -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    media_uses (media_id, entry_id) {
        site_id -> BigInt,
        media_id -> BigInt,
        entry_id -> BigInt,
    }
}

diesel::table! {
    comments (id) {
        id -> BigInt,
        site_id -> BigInt,
        entry_id -> BigInt,
        parent_id -> BigInt,
        user_id -> BigInt,
        author_name -> Text,
        author_email -> Text,
        author_url -> Text,
        address -> Text,
        agent -> Text,
        body -> Text,
        status -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    menus (id) {
        id -> BigInt,
        site_id -> BigInt,
        slug -> Text,
        name -> Text,
    }
}

diesel::table! {
    menu_items (id) {
        id -> BigInt,
        site_id -> BigInt,
        menu_id -> BigInt,
        parent_id -> BigInt,
        position -> BigInt,
        kind -> Text,
        target_id -> BigInt,
        url -> Text,
        label -> Text,
    }
}

diesel::table! {
    menu_locations (site_id, location) {
        site_id -> BigInt,
        location -> Text,
        menu_id -> BigInt,
    }
}

diesel::table! {
    imported_items (site_id, source, kind, source_id) {
        site_id -> BigInt,
        source -> Text,
        kind -> Text,
        source_id -> Text,
        target_id -> BigInt,
        fingerprint -> Text,
    }
}

diesel::table! {
    done_requests (user_id, request_key) {
        user_id -> BigInt,
        request_key -> Text,
        digest -> Text,
        made_id -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    passkeys (id) {
        id -> BigInt,
        user_id -> BigInt,
        name -> Text,
        credential_id -> Text,
        credential -> Text,
        created_at -> BigInt,
        used_at -> BigInt,
    }
}

diesel::table! {
    ceremonies (token_hash) {
        token_hash -> Text,
        purpose -> Text,
        session_id -> BigInt,
        network -> Text,
        state -> Text,
        expires_at -> BigInt,
    }
}

diesel::table! {
    known_devices (id) {
        id -> BigInt,
        user_id -> BigInt,
        device_hash -> Text,
        created_at -> BigInt,
        seen_at -> BigInt,
    }
}

diesel::table! {
    blocked_networks (network) {
        network -> Text,
        blocked_by -> BigInt,
        blocked_at -> BigInt,
    }
}

diesel::table! {
    held_forms (token_hash) {
        token_hash -> Text,
        session_id -> BigInt,
        path -> Text,
        doing -> Text,
        sealed -> Text,
        expires_at -> BigInt,
    }
}

diesel::table! {
    site_redirects (id) {
        id -> BigInt,
        site_id -> BigInt,
        how -> Text,
        source -> Text,
        target -> Text,
        status -> BigInt,
        keep_query -> Bool,
        created_at -> BigInt,
    }
}

diesel::table! {
    site_headers (id) {
        id -> BigInt,
        site_id -> BigInt,
        prefix -> Text,
        ending -> Text,
        name -> Text,
        value -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    private_folders (id) {
        id -> BigInt,
        site_id -> BigInt,
        prefix -> Text,
        title -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    private_folder_users (id) {
        id -> BigInt,
        site_id -> BigInt,
        folder_id -> BigInt,
        name -> Text,
        password_hash -> Text,
        password_scheme -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    file_trash (id) {
        id -> BigInt,
        account_id -> BigInt,
        path -> Text,
        kind -> Text,
        bytes -> BigInt,
        files -> BigInt,
        deleted_by -> BigInt,
        deleted_at -> BigInt,
    }
}

diesel::table! {
    file_versions (id) {
        id -> BigInt,
        account_id -> BigInt,
        path -> Text,
        hash -> Text,
        bytes -> BigInt,
        made_by -> BigInt,
        made_at -> BigInt,
    }
}

diesel::table! {
    theme_states (id) {
        id -> BigInt,
        site_id -> BigInt,
        theme -> Text,
        path -> Text,
        text -> Text,
        made_by -> BigInt,
        made_at -> BigInt,
    }
}

diesel::table! {
    theme_bases (id) {
        id -> BigInt,
        site_id -> BigInt,
        theme -> Text,
        path -> Text,
        text -> Text,
    }
}

diesel::table! {
    file_uploads (id) {
        id -> BigInt,
        account_id -> BigInt,
        path -> Text,
        bytes -> BigInt,
        clash -> Text,
        made_by -> BigInt,
        made_at -> BigInt,
        fingerprint -> Text,
    }
}

diesel::table! {
    cron_jobs (id) {
        id -> BigInt,
        account_id -> BigInt,
        name -> Text,
        kind -> Text,
        command -> Text,
        schedule -> Text,
        time_zone -> Text,
        enabled -> Bool,
        overlap -> Text,
        jitter_s -> BigInt,
        timeout_s -> BigInt,
        mail_when -> Text,
        mail_to -> BigInt,
        alive_url -> Text,
        grace_s -> BigInt,
        next_at -> BigInt,
        last_due_at -> BigInt,
        alarm_at -> BigInt,
        alarmed_at -> BigInt,
        last_state -> Text,
        last_ended_at -> BigInt,
        version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    cron_runs (id) {
        id -> BigInt,
        account_id -> BigInt,
        cron_job_id -> BigInt,
        cause -> Text,
        due_at -> BigInt,
        run_at -> BigInt,
        state -> Text,
        lease_until -> BigInt,
        lease_token -> Text,
        stop_asked -> Bool,
        exit_status -> BigInt,
        message -> Text,
        output -> Text,
        output_bytes -> BigInt,
        asked_by -> BigInt,
        created_at -> BigInt,
        started_at -> BigInt,
        ended_at -> BigInt,
    }
}

diesel::table! {
    terminal_tickets (id) {
        id -> BigInt,
        account_id -> BigInt,
        user_id -> BigInt,
        session_id -> BigInt,
        purpose -> Text,
        address -> Text,
        token_hash -> Text,
        expires_at -> BigInt,
    }
}

diesel::table! {
    access_logins (id) {
        id -> BigInt,
        account_id -> BigInt,
        name -> Text,
        home -> Text,
        read_only -> Bool,
        services -> Text,
        password_hash -> Text,
        password_scheme -> Text,
        created_at -> BigInt,
        used_at -> BigInt,
        used_from -> Text,
    }
}

diesel::table! {
    login_keys (id) {
        id -> BigInt,
        account_id -> BigInt,
        login_id -> BigInt,
        name -> Text,
        kind -> Text,
        fingerprint -> Text,
        public_key -> Text,
        created_at -> BigInt,
        used_at -> BigInt,
        used_from -> Text,
    }
}

diesel::table! {
    user_keys (id) {
        id -> BigInt,
        user_id -> BigInt,
        name -> Text,
        kind -> Text,
        fingerprint -> Text,
        public_key -> Text,
        created_at -> BigInt,
        used_at -> BigInt,
        used_from -> Text,
    }
}

diesel::table! {
    dav_properties (account_id, path, namespace, name) {
        account_id -> BigInt,
        path -> Text,
        namespace -> Text,
        name -> Text,
        element -> Text,
    }
}

diesel::table! {
    file_usage (account_id) {
        account_id -> BigInt,
        bytes -> BigInt,
        files -> BigInt,
        is_exact -> Bool,
        counted_at -> BigInt,
    }
}

diesel::joinable!(entries -> users (author_id));
diesel::joinable!(entry_terms -> entries (entry_id));
diesel::joinable!(entry_terms -> terms (term_id));
diesel::joinable!(comments -> entries (entry_id));
diesel::joinable!(media_uses -> entries (entry_id));
diesel::joinable!(site_domains -> sites (site_id));
diesel::joinable!(held_roles -> users (user_id));
diesel::joinable!(sites -> accounts (account_id));
diesel::joinable!(accounts -> plans (plan_id));
diesel::joinable!(accounts -> resellers (reseller_id));
diesel::joinable!(account_usage -> accounts (account_id));
diesel::joinable!(traffic_days -> accounts (account_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(tokens -> users (user_id));
diesel::joinable!(passkeys -> users (user_id));
diesel::joinable!(one_time_links -> users (user_id));
diesel::joinable!(cron_runs -> cron_jobs (cron_job_id));
diesel::joinable!(cron_jobs -> accounts (account_id));

diesel::allow_tables_to_appear_in_same_query!(
    installation,
    accounts,
    users,
    recovery_codes,
    held_roles,
    sessions,
    tokens,
    passkeys,
    ceremonies,
    known_devices,
    blocked_networks,
    held_forms,
    one_time_links,
    sign_in_failures,
    audit_rows,
    audit_heads,
    sites,
    plans,
    resellers,
    account_usage,
    traffic_days,
    site_domains,
    domain_looks,
    settings,
    jobs,
    entries,
    revisions,
    autosaves,
    entry_locks,
    terms,
    entry_terms,
    old_paths,
    counters,
    media,
    media_uses,
    comments,
    menus,
    menu_items,
    menu_locations,
    imported_items,
    done_requests,
    site_redirects,
    site_headers,
    private_folders,
    private_folder_users,
    file_trash,
    file_versions,
    file_uploads,
    cron_jobs,
    cron_runs,
    terminal_tickets,
    access_logins,
    login_keys,
    user_keys,
    dav_properties,
    file_usage,
    design_drafts,
    design_states,
);
