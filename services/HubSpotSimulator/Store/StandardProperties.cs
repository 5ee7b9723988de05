namespace HubSpotBus.HubSpotSimulator.Store;

/// <summary>The properties that every account has, as far as the documentation and public examples name them.</summary>
internal static class StandardProperties
{
    private const string Address = "street,city,state,postal_code,country,name,phone";

    public static Dictionary<string, PropertyState> Of(string type) => (type switch
    {
        "contacts" => Text("contactinformation",
                "firstname,lastname,phone,mobilephone,fax,jobtitle,company,address,city,state,zip,country,website,salutation,message,hs_language")
            .Append(New("email", "contactinformation", unique: true))
            .Append(Lifecycle("contactinformation")),
        "companies" => Text("companyinformation",
                "name,domain,description,phone,website,address,address2,city,state,zip,country,industry,timezone,about_us")
            .Concat(Numbers("companyinformation", "annualrevenue,numberofemployees"))
            .Append(Lifecycle("companyinformation")),
        "deals" => Text("dealinformation", "dealname,pipeline,dealstage,dealtype,description,deal_currency_code,hubspot_owner_id")
            .Concat(Numbers("dealinformation", "amount"))
            .Append(New("closedate", "dealinformation", "datetime", "date")),
        "products" => Text("productinformation",
                "name,description,hs_product_type,hs_folder,hs_recurring_billing_period,recurringbillingfrequency,hs_pricing_model,hs_url,hs_images,hs_status")
            .Concat(Numbers("productinformation", "price,hs_cost_of_goods_sold"))
            .Append(New("hs_sku", "productinformation", unique: true)),
        "line_items" => Text("lineiteminformation",
                "name,description,hs_product_id,hs_sku,hs_line_item_currency_code,hs_tax_rate_group_id,recurringbillingfrequency,hs_recurring_billing_period,hs_url,hs_images")
            .Concat(Numbers("lineiteminformation", "quantity,price,discount,hs_discount_percentage,hs_total_discount,tax,hs_cost_of_goods_sold"))
            .Append(New("amount", "lineiteminformation", "number", "number", readOnly: true)),
        "orders" => Text("order_information",
                "hs_order_name,hs_currency_code,hs_source_store,hs_fulfillment_status,hs_shipping_status_url,hs_shipping_tracking_number,hs_pipeline,"
                + "hs_pipeline_stage,hs_external_order_id,hs_external_order_status,hs_external_order_url,hs_discount_codes,hs_payment_status,"
                + "hs_payment_processing_method,hs_tags,"
                + string.Join(',', Address.Split(',').SelectMany(a => new[] { $"hs_shipping_address_{a}", $"hs_billing_address_{a}" })))
            .Concat(Numbers("order_information", "hs_total_price,hs_subtotal_price,hs_tax,hs_shipping_cost,hs_order_discount,hs_exchange_rate"))
            .Append(New("hs_external_created_date", "order_information", "datetime", "date"))
            .Append(New("hs_processed_date", "order_information", "datetime", "date")),
        _ => [],
    }).Concat(Text("system", "hs_object_id,hs_object_source,hs_object_source_id,hs_object_source_label", readOnly: true))
        .Concat(Dates(type))
        .ToDictionary(p => p.Name);

    private static IEnumerable<PropertyState> Dates(string type)
    {
        var kind = ObjectKind.Of(type)!;
        yield return New(kind.Created, "system", "datetime", "date", readOnly: type == "orders");
        yield return New(kind.Modified, "system", "datetime", "date", readOnly: true);
    }

    private static IEnumerable<PropertyState> Text(string group, string names, bool readOnly = false) =>
        names.Split(',').Select(n => New(n, group, readOnly: readOnly));

    private static IEnumerable<PropertyState> Numbers(string group, string names) => names.Split(',').Select(n => New(n, group, "number", "number"));

    private static PropertyState Lifecycle(string group)
    {
        string[] stages = ["subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "evangelist", "other"];
        return new PropertyState
        {
            Name = "lifecyclestage", Label = "Lifecycle Stage", Type = "enumeration", FieldType = "radio", GroupName = group,
            Options = [.. stages.Select((s, i) => new OptionState(s, s, i))],
        };
    }

    private static PropertyState New(
        string name, string group, string type = "string", string fieldType = "text", bool unique = false, bool readOnly = false) => new()
    {
        Name = name, Label = name, GroupName = group, Type = type, FieldType = fieldType, HasUniqueValue = unique, ReadOnlyValue = readOnly,
    };
}

internal static class StandardPipelines
{
    public static List<PipelineState> Deals() =>
    [
        new PipelineState
        {
            Id = "default", Label = "Sales Pipeline",
            Stages =
            [
                Deal("appointmentscheduled", "Appointment Scheduled", 0, "0.2"), Deal("qualifiedtobuy", "Qualified To Buy", 1, "0.4"),
                Deal("presentationscheduled", "Presentation Scheduled", 2, "0.6"), Deal("decisionmakerboughtin", "Decision Maker Bought-In", 3, "0.8"),
                Deal("contractsent", "Contract Sent", 4, "0.9"), Deal("closedwon", "Closed Won", 5, "1.0"), Deal("closedlost", "Closed Lost", 6, "0.0"),
            ],
        },
    ];

    public static List<PipelineState> Orders() =>
    [
        new PipelineState
        {
            Id = "14a2e10e-5471-408a-906e-c51f3b04369e", Label = "Order Pipeline",
            Stages =
            [
                Order("4b27b500-f031-4927-9811-68a0b525cbae", "Open", 0, "OPEN"), Order("937ea84d-0a4f-4dcf-9028-3f9c2aafbf03", "Processed", 1, "OPEN"),
                Order("aa99e8d0-c1d5-4071-b915-d240bbb1aed9", "Shipped", 2, "OPEN"), Order("3c85a297-e9ce-400b-b42e-9f16853d69d6", "Delivered", 3, "CLOSED"),
                Order("3725360f-519b-4b18-a593-494d60a29c9f", "Cancelled", 4, "CLOSED"), Order("5d5f9c1e-2f6c-4a7e-9f3a-0c6f1f5e8a11", "Refunded", 5, "CLOSED"),
                Order("6e6f0d2f-3a7d-4b8f-8a4b-1d7a2a6f9b22", "Returned", 6, "CLOSED"),
            ],
        },
    ];

    private static StageState Deal(string id, string label, int order, string probability) =>
        new(id, label, order, new() { ["probability"] = probability, ["isClosed"] = probability is "1.0" or "0.0" ? "true" : "false" });

    private static StageState Order(string id, string label, int order, string state) => new(id, label, order, new() { ["state"] = state });
}
