### Arabic. A name or a link within a sentence stands between U+2068 and U+2069, so that its direction changes nothing
### around it.

## The page

secured_by = محمي بواسطة Kassa
default_title = إتمام عملية الشراء
languages = اللغة
terms_link = الشروط والأحكام
privacy_link = سياسة الخصوصية
support_link = خدمة العملاء
opens_in_new_tab = (يُفتح في علامة تبويب جديدة)

## The order

order_summary = ملخص الطلب
quantity = الكمية
more_lines =
    { $count ->
        [zero] عرض { $count } عنصر إضافي
        [one] عرض عنصر إضافي واحد
        [two] عرض عنصرين إضافيين
        [few] عرض { $count } عناصر إضافية
        [many] عرض { $count } عنصرًا إضافيًا
       *[other] عرض { $count } عنصر إضافي
    }
item = منتج
discount = خصم
delivery = التوصيل
tax = الضريبة
surcharge = رسوم إضافية
subtotal = المجموع الفرعي
including_tax = شاملًا الضريبة
total = الإجمالي
order_number = رقم الطلب

## Ways to pay

payment_heading = طريقة الدفع
pay_now = الدفع الآن
pay_later = الدفع لاحقًا
pay_over_time = الدفع بالتقسيط
about_pay_now = ادفع المبلغ كاملًا اليوم.
about_pay_later = ادفع في تاريخ لاحق.
about_pay_over_time = قسّم المبلغ على عدة دفعات.
about_direct_debit = يُخصم المبلغ من حسابك المصرفي.
about_direct_bank_transfer = ادفع مباشرةً من حسابك المصرفي.

## The consumer's details

details_heading = بياناتك
email = البريد الإلكتروني
one_time_code = رمز لمرة واحدة
one_time_code_hint = ستة أرقام
sign_up_heading = زيارتك الأولى هنا
sign_up_hint = نحتاج إلى بعض البيانات الإضافية، هذه المرة فقط.
given_name = الاسم الأول
family_name = اسم العائلة
date_of_birth = تاريخ الميلاد

## Buttons, and the payment form

buy = شراء
rent = استئجار
book = حجز
subscribe = اشتراك
download = تنزيل
order = طلب
continue_purchase = متابعة
pay = دفع
processing = جارٍ المعالجة…
script_needed = يتطلب الدفع هنا تفعيل JavaScript. يُرجى تفعيله في المتصفح أو العودة إلى المتجر.
category_unavailable = طريقة الدفع هذه غير متاحة لعملية الشراء هذه. يُرجى اختيار طريقة أخرى.
payment_not_finished = لم تكتمل عملية الدفع. يمكنك المحاولة مرة أخرى.
back = العودة إلى المتجر
cancel = إلغاء عملية الشراء

## Errors and notices

error_prefix = خطأ:
error_summary = يُرجى مراجعة ما يلي
category_not_chosen = يُرجى اختيار طريقة الدفع.
email_not_readable = يُرجى إدخال عنوان بريد إلكتروني، مثل {"\u2068"}name@example.com{"\u2069"}.
code_not_readable = يُرجى إدخال أرقام الرمز الستة.
code_rejected = هذا الرمز غير صحيح. يُرجى التحقق منه وإدخاله مرة أخرى.
given_name_missing = يُرجى إدخال الاسم الأول.
family_name_missing = يُرجى إدخال اسم العائلة.
date_of_birth_not_readable = يُرجى إدخال تاريخ الميلاد.
order_changed = تغيّر الطلب. يُرجى مراجعة الإجمالي الجديد.
expires_soon = تنتهي صلاحية رابط الدفع هذا في الساعة { $time }. إذا احتجت إلى وقت أطول، فاطلب رابطًا جديدًا من المتجر.
category_declined = طريقة الدفع هذه غير متاحة لعملية الشراء الخاصة بك. يُرجى اختيار طريقة أخرى.

## The explanation of the sandbox

sandbox_heading = بيئة تجريبية: لا تُحوَّل أي أموال حقيقية
sandbox_code = أي ستة أرقام ما عدا 999999
sandbox_approves = تُقبل عملية الدفع
sandbox_declines = تُرفض عملية الدفع
sandbox_fails = تنتهي عملية الدفع بخطأ تقني
sandbox_signs_up = يُطلب الاسم وتاريخ الميلاد

## The question before a cancellation

cancel_heading = هل تريد إلغاء عملية الشراء؟
cancel_text = لم يُخصم أي مبلغ. إذا ألغيت العملية، فسيتوقف رابط الدفع هذا عن العمل.
cancel_confirm = نعم، إلغاء عملية الشراء
keep_paying = متابعة الدفع

## Outcomes

declined_heading = رُفضت عملية الدفع
declined_text = لم يُخصم أي مبلغ. يمكنك المحاولة مرة أخرى أو اختيار طريقة دفع أخرى في المتجر.
error_heading = حدث خطأ ما
error_text = أوقف خطأ تقني عملية الدفع. لم يُخصم أي مبلغ.
confirming_heading = جارٍ تأكيد عملية الدفع
confirming_text = قد يستغرق ذلك بضع دقائق. لا يلزمك فعل أي شيء. يُرجى عدم الدفع مرة أخرى: سيعرف المتجر النتيجة حتى إذا أغلقت هذه الصفحة.
completed_heading = تم تأكيد الدفع
completed_text = شكرًا لك. أُبلغ المتجر وسيتولى بقية الخطوات.
cancelled_heading = أُلغيت عملية الشراء
cancelled_text = لم يُخصم أي مبلغ. يمكنك إغلاق هذه الصفحة.
went_back_heading = غادرت صفحة الدفع
went_back_text = لم يُخصم أي مبلغ. لا يزال بإمكانك إتمام عملية الشراء.
disabled_heading = لم يعد رابط الدفع هذا صالحًا
disabled_text = سحب المتجر هذا الرابط. يُرجى طلب رابط جديد من المتجر.
expired_heading = انتهت صلاحية رابط الدفع هذا
expired_text = يُرجى طلب رابط جديد من المتجر.
not_found_heading = رابط الدفع هذا غير معروف لدينا
not_found_text = تحقق من نسخ الرابط كاملًا، أو اطلب رابطًا جديدًا من المتجر.
unavailable_heading = يُرجى المحاولة مرة أخرى بعد لحظات
unavailable_text = صفحة الدفع غير متاحة مؤقتًا. لم يُخصم أي مبلغ.
no_payments_heading = لا يستطيع هذا المتجر قبول المدفوعات حاليًا
no_payments_text = لم يُخصم أي مبلغ. يُرجى سؤال المتجر عن كيفية الدفع.
retry = المحاولة مرة أخرى
continue_to_shop = المتابعة إلى المتجر
return_to_shop = العودة إلى المتجر
moving_on = ستعود إلى المتجر بعد لحظات. إذا لم يحدث شيء، فاستخدم الزر.

## In a shop with staff

id_check_heading = يُرجى إبراز وثيقة الهوية
id_check_text = أبرز وثيقة الهوية وهذا الرمز لموظفي المتجر. ستنتقل هذه الصفحة تلقائيًا بعد التحقق منهما.
id_check_code = الرمز
display_heading = امسح الرمز للدفع
display_text = وجّه كاميرا هاتفك نحو الرمز وافتح الرابط.
status_waiting = في انتظار العميل
status_in_progress = العميل يدفع الآن
status_back = غادر العميل صفحة الدفع
status_timed_out = لم يُكمل العميل عملية الدفع
staff_title = الدفع في المتجر
staff_scan = يمسح العميل هذا الرمز بهاتف ويدفع من خلاله.
staff_open_display = فتح شاشة العميل
staff_send_email = إرسال الرابط بالبريد الإلكتروني
staff_send_sms = إرسال الرابط برسالة نصية
phone = رقم الهاتف
staff_send = إرسال
staff_sent = سيُرسل الرابط بعد لحظات.
staff_not_sent = لم يُرسل الرابط. تحقق من العنوان أو الرقم، وإذا كان صحيحًا فحاول مرة أخرى لاحقًا.
staff_id_check_heading = التحقق من وثيقة الهوية
staff_id_check_text = قارن الرمز بالرمز الظاهر على هاتف العميل. ثم قارن الوثيقة بالشخص الموجود أمامك.
staff_id_check_pass = الوثيقة صحيحة
staff_id_check_fail = رفض عملية الدفع
staff_id_check_over = انتهت عملية التحقق هذه. يمكن للعميل محاولة الدفع مرة أخرى.
staff_disable = سحب الرابط
staff_disable_text = لن يتمكن العميل بعد ذلك من الدفع بهذا الرابط.
staff_disable_yes = نعم، سحب الرابط

## Messages

message_subject = مشترياتك من {"\u2068"}{ $shop }{"\u2069"}
message_text =
    أكمل عملية الشراء من {"\u2068"}{ $shop }{"\u2069"}:
    { $link }
