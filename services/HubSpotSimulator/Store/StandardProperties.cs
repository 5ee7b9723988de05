namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>The property definitions that a new account has, as far as integrations meet them.</summary>
internal static class StandardProperties
{
    // name:type/fieldType, type and fieldType "string/text" where nothing is said; "=" marks what HubSpot computes.
    private const string Everywhere =
        """
        =hs_object_id:number =hs_object_source =hs_object_source_id =hs_object_source_label =hs_merged_object_ids
        hubspot_owner_id hs_unique_creation_key
        """;

    private const string Address = "address city state zip country phone fax:string/phonenumber";

    private const string Contact =
        """
        email firstname lastname salutation jobtitle company website mobilephone:string/phonenumber hs_language date_of_birth industry
        lifecyclestage:enumeration/radio hs_lead_status:enumeration/radio =createdate:datetime =lastmodifieddate:datetime
        =hs_all_contact_vids =hs_calculated_merged_vids =hs_additional_emails message:string/textarea annualrevenue numemployees
        """;

    private const string Company =
        """
        name domain website address2 description:string/textarea industry lifecyclestage:enumeration/radio
        type:enumeration/radio annualrevenue:number numberofemployees:number founded_year timezone
        =createdate:datetime =hs_lastmodifieddate:datetime
        """;

    private const string Deal =
        """
        dealname amount:number pipeline:enumeration dealstage:enumeration/radio closedate:datetime deal_currency_code:enumeration
        dealtype:enumeration/radio description:string/textarea hs_priority:enumeration hs_exchange_rate:number
        =hs_is_closed:bool =createdate:datetime =hs_lastmodifieddate:datetime
        """;

    private const string Product =
        """
        name description:string/textarea price:number hs_sku hs_cost_of_goods_sold:number hs_product_type:enumeration hs_folder
        hs_recurring_billing_period recurringbillingfrequency:enumeration hs_pricing_model hs_tier_ranges hs_tier_prices
        hs_status:enumeration hs_url hs_images hs_price_eur:number hs_price_usd:number hs_price_gbp:number tax:number discount:number
        =createdate:datetime =hs_lastmodifieddate:datetime
        """;

    private const string LineItem =
        """
        name hs_product_id:number hs_sku quantity:number price:number =amount:number hs_line_item_currency_code:enumeration description:string/textarea
        discount:number hs_discount_percentage:number =hs_total_discount:number tax:number hs_tax_rate_group_id hs_cost_of_goods_sold:number
        recurringbillingfrequency:enumeration hs_recurring_billing_period hs_recurring_billing_start_date:date
        hs_recurring_billing_end_date:date hs_position_on_quote:number hs_url hs_images =createdate:datetime =hs_lastmodifieddate:datetime
        """;

    private const string Order =
        """
        hs_order_name hs_currency_code:enumeration hs_source_store hs_fulfillment_status hs_shipping_status_url hs_shipping_tracking_number
        hs_pipeline:enumeration hs_pipeline_stage:enumeration hs_external_order_id hs_external_order_status hs_external_order_url
        hs_external_created_date:datetime hs_total_price:number hs_subtotal_price:number hs_tax:number hs_shipping_cost:number
        hs_order_discount:number hs_discount_codes hs_payment_status hs_payment_processing_method hs_processed_date:datetime hs_tags
        hs_exchange_rate:number hs_order_note:string/textarea hs_cancelled_date:datetime hs_refund_amount:number
        =hs_createdate:datetime =hs_lastmodifieddate:datetime
        """;

    private const string OrderAddress = "street city state postal_code country name phone";

    private static readonly Dictionary<string, string[]> Options = new()
    {
        ["lifecyclestage"] =
            ["subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "evangelist", "other"],
        ["hs_lead_status"] = ["NEW", "OPEN", "IN_PROGRESS", "OPEN_DEAL", "UNQUALIFIED", "ATTEMPTED_TO_CONTACT", "CONNECTED", "BAD_TIMING"],
        ["type"] = ["PROSPECT", "PARTNER", "RESELLER", "VENDOR", "OTHER"],
        ["dealtype"] = ["newbusiness", "existingbusiness"],
        ["hs_priority"] = ["low", "medium", "high"],
        ["hs_product_type"] = ["inventory", "non_inventory", "service"],
        ["hs_status"] = ["active", "inactive"],
        ["recurringbillingfrequency"] =
            ["weekly", "biweekly", "monthly", "quarterly", "per_six_months", "annually", "per_two_years", "per_three_years"],
    };

    public static void AddTo(PropertyRegistry registry, ObjectType type, IEnumerable<string> currencies, DateTimeOffset now)
    {
        var group = type == ObjectType.Orders
            ? "order_information"
            : type.Singular.Replace("_", "", StringComparison.Ordinal) + "information";
        registry.Groups.Add(new(group, Labelled(type.Singular) + " information", 0));
        var specs = string.Join(' ', Everywhere, type.Plural switch
        {
            "contacts" => $"{Contact} {Address}",
            "companies" => $"{Company} {Address}",
            "deals" => Deal,
            "products" => Product,
            "line_items" => LineItem,
            _ => string.Join(' ', [Order, .. Prefixed("hs_billing_address_"), .. Prefixed("hs_shipping_address_")]),
        });
        foreach (var spec in specs.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            registry.Put(Define(spec, group, type, now));
        }

        foreach (var currency in registry.All.Where(p => p.Name.EndsWith("currency_code", StringComparison.Ordinal)).ToList())
        {
            registry.Put(currency with { Options = [.. currencies.Select((c, i) => new PropertyOption(c, c, i))] });
        }
    }

    private static IEnumerable<string> Prefixed(string prefix) => OrderAddress.Split(' ').Select(part => prefix + part);

    private static PropertyDefinition Define(string spec, string group, ObjectType type, DateTimeOffset now)
    {
        var calculated = spec[0] == '=';
        var (name, kind) = spec.TrimStart('=').Split(':') is [var n, var k] ? (n, k) : (spec.TrimStart('='), "string");
        var (dataType, fieldType) = kind.Split('/') is [var t, var f] ? (t, f) : (kind, DefaultFieldType(kind));
        return new()
        {
            Name = name,
            Label = Labelled(name),
            Type = dataType,
            FieldType = fieldType,
            GroupName = group,
            Calculated = calculated,
            HubSpotDefined = true,
            ExternalOptions = name == type.PipelineProperty || name == type.StageProperty,
            Options = Options.TryGetValue(name, out var values) && dataType == "enumeration"
                ? [.. values.Select((v, i) => new PropertyOption(Labelled(v), v, i))]
                : [],
            CreatedAt = now,
            UpdatedAt = now,
        };
    }

    private static string DefaultFieldType(string type) => type switch
    {
        "number" => "number",
        "enumeration" => "select",
        "bool" => "booleancheckbox",
        "date" or "datetime" => "date",
        _ => "text",
    };

    private static string Labelled(string name)
    {
        var words = name.Replace("hs_", "", StringComparison.Ordinal).Replace('_', ' ');
        return char.ToUpperInvariant(words[0]) + words[1..];
    }
}
